/** Reads and checks every manifest of a folder from the disk, all through the YAML library: `node parse-all.ts <folder>`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { frontMatter } from "#runner/schema/manifest.ts";
import { parseWhole } from "#runner/schema/parse-yaml.ts";
import { manifestAt } from "#runner/schema/paths.ts";
import type { Validator } from "#runner/schema/validator.ts";
import * as validators from "#runner/schema/validators.gen.js";

const [folder = "."] = process.argv.slice(2);
const byKind: Readonly<Record<string, Validator<unknown>>> = validators;
for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
  const place = path.startsWith(".git/") ? undefined : manifestAt(path);
  if (place === undefined || place.kind === "misplaced") continue;
  const text = readFileSync(join(folder, path), "utf8");
  const parsed = parseWhole(place.kind === "memory" ? (frontMatter(text)?.yaml ?? "") : text);
  if (!parsed.ok || byKind[place.kind]?.(parsed.value) !== true) throw new Error(path);
}
