/**
 * `npm test` and `npm run chaos` start the bundle, as it is shipped: it starts several times as fast as the sources. A file
 * of tests that is run alone starts the sources as they are now.
 */
export const SHIPPED: Readonly<Record<string, string>> =
  process.env["FETTLE_DIST"] === "1" ? { FETTLE_DIST: "1" } : {};

/** What whoever has cloned the repository starts. */
export const SOURCES = { FETTLE_DIST: "0" };
