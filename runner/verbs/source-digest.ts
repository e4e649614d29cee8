/** Which sources a bundle was made of: one of older sources is another program. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, digestOfBytes } from "#runner/core/canonical-json.ts";

const BESIDE = ["build.ts", "package-lock.json", "package.json"];

/** Of all that goes into the bundle; null where the program came without its sources. */
export function sourceDigest(programFolder: string): string | null {
  if (!BESIDE.every((name) => existsSync(join(programFolder, name)))) return null;
  const found = readdirSync(join(programFolder, "runner"), { recursive: true, encoding: "utf8" });
  const paths = found.filter((path) => /\.(?:ts|js)$/u.test(path)).map((path) => `runner/${path}`);
  const digests = [...BESIDE, ...paths].toSorted().map((path) => {
    return [path, digestOfBytes(readFileSync(join(programFolder, path)))];
  });
  return digestOf(digests);
}
