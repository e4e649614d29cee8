#!/usr/bin/env node
// Starts under any Node from 20 on; hands over to the bundled Node 24 where the running one is older.
// A static `import` touches all that a built-in module exports, which takes longer than the rest of a quick answer.
const builtin = async (name) => process.getBuiltinModule?.(name) ?? import(name);
const { existsSync, readFileSync } = await builtin("node:fs");
const words = process.argv.slice(2);

if (words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
  console.log(JSON.parse(readFileSync(at("package.json"), "utf8")).version);
} else if (Number(process.versions.node.split(".")[0]) >= 24) {
  const start = program();
  if (start.pathname.endsWith(".ts")) (await builtin("node:module")).enableCompileCache();
  await import(start.href);
} else {
  await handOver();
}

function at(path) {
  return new URL(`../${path}`, import.meta.url);
}

/** The source where it is at hand, the bundle where that was shipped. */
function program() {
  const source = at("runner/cli.ts");
  const isSource = process.env.FETTLE_DIST !== "1" && existsSync(source);
  return isSource ? source : at("dist/cli.mjs");
}

async function handOver() {
  const { fileURLToPath } = await builtin("node:url");
  const node = await bundledNode();
  if (node === undefined) {
    console.error(`error: fettle needs Node 24, and this is ${process.versions.node}`);
    console.error(
      `  npm ci --prefix ${fileURLToPath(at("."))}   brings it (without --omit=optional)`,
    );
    process.exitCode = 64;
    return;
  }
  const { spawn } = await builtin("node:child_process");
  const { constants } = await builtin("node:os");
  const child = spawn(node, [fileURLToPath(program()), ...words], { stdio: "inherit" });
  // A terminal sends Ctrl-C to both; whoever sends a signal to this process alone means the child.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

async function bundledNode() {
  const { createRequire } = await builtin("node:module");
  const { dirname, join } = await builtin("node:path");
  const name = `node-${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const node = join(dirname(manifest), "bin", "node");
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}
