/** `npm run chaos` tries the bundle, which starts four times as fast as the sources that `npm test` tries. */
export const SHIPPED: Readonly<Record<string, string>> =
  process.env["FETTLE_DIST"] === "1" ? { FETTLE_DIST: "1" } : {};
