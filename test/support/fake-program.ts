/** A program that stands for one that is not installed, and tells what it was started with. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface FakeProgram {
  /** To be put into the search path. */
  readonly folder: string;
  /** Every start so far. */
  readonly starts: () => readonly Start[];
}

export interface Start {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: string;
}

/** `source` sees `args`, `env`, `stdin` and node's `fs` and `path`. */
export function fakeProgram(name: string, source: string): FakeProgram {
  const folder = mkdtempSync(join(tmpdir(), "fettle-fake-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, "starts.jsonl");
  writeFileSync(
    join(folder, name),
    `#!/usr/bin/env node
const fs = require("node:fs");
const path = require("node:path");
const args = process.argv.slice(2);
const { env } = process;
const stdin = ["version", "info", "rm"].includes(args[0]) ? "" : fs.readFileSync(0, "utf8");
fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify({ args, env, cwd: process.cwd(), stdin }) + "\\n");
${source}
`,
  );
  chmodSync(join(folder, name), 0o755);
  const starts = (): readonly Start[] =>
    existsSync(log)
      ? readFileSync(log, "utf8")
          .trimEnd()
          .split("\n")
          .map((line): Start => JSON.parse(line))
      : [];
  return { folder, starts };
}
