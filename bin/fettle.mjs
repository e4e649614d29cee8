#!/usr/bin/env node
// Starts under any Node from 20 on; hands over to the bundled Node 24 where the running one is older.
import { existsSync, readFileSync } from "node:fs";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const words = process.argv.slice(2);

if (words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
  console.log(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version);
} else if (Number(process.versions.node.split(".")[0]) >= 24) {
  const start = program();
  if (start.endsWith(".ts")) module.enableCompileCache();
  await import(pathToFileURL(start).href);
} else {
  await handOver();
}

/** The source where it is at hand, the bundle where that was shipped. */
function program() {
  const source = join(folder, "runner", "cli.ts");
  const isSource = existsSync(source) && process.env.FETTLE_DIST !== "1";
  return isSource ? source : join(folder, "dist", "cli.mjs");
}

async function handOver() {
  const node = bundledNode();
  if (node === undefined) {
    console.error(`error: fettle needs Node 24, and this is ${process.versions.node}`);
    console.error(`  npm ci --prefix ${folder}   brings it (without --omit=optional)`);
    process.exitCode = 64;
    return;
  }
  const { spawn } = await import("node:child_process");
  const { constants } = await import("node:os");
  const child = spawn(node, [program(), ...words], { stdio: "inherit" });
  // A terminal sends Ctrl-C to both; whoever sends a signal to this process alone means the child.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
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
