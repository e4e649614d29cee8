/** Reads and checks every manifest of a folder from the disk: `node parse-all.ts <folder>`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "#runner/schema/manifest.ts";
import { manifestAt } from "#runner/schema/paths.ts";

const [folder = "."] = process.argv.slice(2);
for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
  const place = path.startsWith(".git/") ? undefined : manifestAt(path);
  if (place === undefined || place.kind === "misplaced") continue;
  readManifest(place.kind, path, readFileSync(join(folder, path), "utf8"));
}
