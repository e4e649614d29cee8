import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeDurably } from "./durable-file.ts";
import { ownFolderOf } from "./own-folder.ts";

interface Named {
  readonly name: string;
  /** Where the name was given: a copied or moved repository is another runner. */
  readonly place: string;
}

/** The name of a runner that shares its state with nobody. */
export const ALONE = "local";

/**
 * Who this clone is among the runners of one origin; made at the first call and kept in the runner's folder.
 *
 * Two clones must not share a name: each would take the other's work for its own.
 */
export function runnerName(commonDir: string, host: string): string {
  const file = join(ownFolderOf(commonDir), "runner.json");
  const place = `${commonDir} ${statSync(commonDir).ino}`;
  const known = readNamed(file);
  if (known?.place === place) return known.name;
  const name = `${slugOf(host)}-${randomBytes(3).toString("hex")}`;
  const named: Named = { name, place };
  writeDurably(file, JSON.stringify(named));
  return name;
}

/** The host's name as part of a ref and of a file name. */
function slugOf(host: string): string {
  const [first = ""] = host.toLowerCase().split(".");
  const plain = first.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "");
  return plain.slice(0, 24) || "runner";
}

function readNamed(file: string): Named | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
