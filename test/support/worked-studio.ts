/** The example studio of this repository in a temporary folder, worked by the real loop. */
import { cpSync, mkdtempSync, readFileSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Tick } from "#runner/loop/tick-end.ts";
import { reconcile } from "#runner/reconcile.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { clockOf, openEngine, type Surroundings } from "#runner/wire.ts";
import { ENVIRONMENT, repositoryAt, runGit, type TestRepository } from "./git-repo.ts";

const PARTS = ["fettle.yaml", "projects/collections", "agents", "memory", "schemas"];
const INVOICES = "projects/collections/invoices.csv";
/** Overdue by then, and enough for a list. */
const KEPT = /^(?:number|NW-2026-05[02]),/u;

/** The collections project with two overdue invoices and two commits on main; whoever makes it removes it. */
export function makeStudio(): TestRepository {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "fettle-studio-")));
  for (const part of PARTS) cpSync(part, join(path, part), { recursive: true });
  const rows = readFileSync(INVOICES, "utf8").split("\n");
  const kept = rows.filter((row) => KEPT.test(row)).map((row) => `${row}\n`);
  runGit(path, ["init", "--quiet", "--initial-branch=main"]);
  const studio = repositoryAt(path);
  studio.commit({ [INVOICES]: kept.join("") }, "Start the studio");
  studio.commit({ "README.md": "A studio.\n" }, "Say hello");
  return studio;
}

/** Opens the studio at an instant, with the agents' Node on the path. */
async function withStudio<Value>(
  path: string,
  now: string,
  use: (engine: Engine) => Promise<Value>,
): Promise<Value> {
  const node = dirname(process.execPath);
  const searched = `${node}${delimiter}${ENVIRONMENT["PATH"] ?? ""}`;
  const environment = { ...ENVIRONMENT, PATH: searched, FETTLE_NOW: now };
  const around: Surroundings = { environment, folder: "/nowhere", isTerminal: false, columns: 80 };
  const clock = clockOf(around);
  const opened = await openEngine(around, { start: path, clock, onProgress: () => undefined });
  if (opened.kind !== "opened") throw new Error(`${path}: ${opened.kind}`);
  try {
    return await use(opened.engine);
  } finally {
    await opened.engine.store.close();
  }
}

export function tickStudio(path: string, now: string): Promise<Tick> {
  return withStudio(path, now, (engine) => reconcile(engine, new AbortController().signal));
}

/** Merges every open gate into main, as the operator. */
export function mergeGates(studio: TestRepository): void {
  const branches = studio.git("branch", "--list", "fettle/gate/*", "--format=%(refname:short)");
  for (const branch of branches.split("\n").filter(Boolean)) {
    studio.git("merge", "--quiet", "--no-edit", branch);
  }
}
