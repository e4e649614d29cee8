#!/usr/bin/env node
// Starts under any Node from 20 on; hands over to the bundled Node 24 where the running one is older.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(folder, "runner", "cli.ts");
const bundle = join(folder, "dist", "cli.mjs");
const useSource = existsSync(source) && process.env.FETTLE_DIST !== "1";
const program = useSource ? source : bundle;

if (Number(process.versions.node.split(".")[0]) >= 24) {
  await import(pathToFileURL(program).href);
} else {
  const node = bundledNode();
  if (node === undefined) {
    console.error(`fettle needs Node 24; this is ${process.versions.node}, and no newer one is installed beside it`);
    console.error("  npm ci   brings it (do not use --omit=optional)");
    process.exit(64);
  }
  const result = spawnSync(node, [program, ...process.argv.slice(2)], { stdio: "inherit" });
  if (result.signal) process.kill(process.pid, result.signal);
  process.exit(result.status ?? 70);
}

function bundledNode() {
  const name = `node-${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const node = join(dirname(manifest), "bin", "node");
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}
