/** Which packages a no-op loads, told by the bundle's own list of what stands in which file. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "./program.ts";
import { ENVIRONMENT } from "./workspace.ts";

interface Bundle {
  readonly outputs: Readonly<Record<string, BundledFile>>;
}

interface BundledFile {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

/** What the build says of its files. */
export function bundled(): Bundle {
  return JSON.parse(readFileSync(join(ROOT, "dist", "meta.json"), "utf8"));
}

/** Files of dist/ that the program loads with these arguments. */
export function loadedFiles(args: readonly string[]): readonly string[] {
  const watcher = join(ROOT, "bench", "watch-loads.mjs");
  const nodeArgs = ["--import", watcher, join(ROOT, "bin", "fettle.mjs"), ...args];
  const env = { ...ENVIRONMENT, FETTLE_DIST: "1" };
  const { stderr, status } = spawnSync(process.execPath, nodeArgs, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stderr.split("\n").flatMap((line) => (line.startsWith("loaded ") ? [line.slice(7)] : []));
}

/** Packages, and the runner's own generated validators, among what a no-op in `folder` loads. */
export function heavyPackages(folder: string): number {
  const loaded = new Set(loadedFiles(["-C", folder, "reconcile"]).map((path) => basename(path)));
  const inputs = Object.entries(bundled().outputs)
    .filter(([output]) => loaded.has(basename(output)))
    .flatMap(([, { inputs: all }]) => Object.keys(all));
  const heavy = inputs.flatMap((input) => {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
    // "on-use:" are the names of what would be loaded when it is used.
    const isCode = input.endsWith(".gen.js") && !input.startsWith("on-use:");
    return name ?? (isCode ? [input] : []);
  });
  return new Set(heavy).size;
}
