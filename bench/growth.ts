/** What a long past costs: an append, the room on disk, the first fetch of a fresh runner. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { addMs } from "#runner/core/time/instant.ts";
import { book } from "#runner/loop/ledger.ts";
import { readSummaries } from "#runner/loop/state-files.ts";
import type { StateStore } from "#runner/repo/state-store.ts";
import { serveHttp } from "../test/support/http-origin.ts";
import { atMost, counted, reported, type Row } from "./bar.ts";
import { openStore } from "./durable.ts";
import { runTransactions } from "./grown-run.ts";
import { git, growState, START } from "./grown-state.ts";
import { inTurns, median, ratios } from "./measure.ts";
import { ROOT } from "./program.ts";
import { ticked, ticksIn } from "./ticked.ts";
import { ENVIRONMENT, makeWorkspace, type BenchWorkspace } from "./workspace.ts";

const COLD_BYTES = 96 * 1024;
const BYTES_PER_RUN = 1331;
const APPENDS = 60;
const run = promisify(execFile);

export interface Sizes {
  readonly small: number;
  readonly large: number;
  readonly huge: number;
  /** How long the program itself works, to see what its own commits take. */
  readonly days: number;
}

export async function benchGrowth({ small, large, huge, days }: Sizes): Promise<readonly Row[]> {
  const states = [await Grown.make(small), await Grown.make(large), await Grown.make(huge)];
  try {
    const [few, , most] = states;
    if (few === undefined || most === undefined) return [];
    const append = await appends(few, most);
    const rows: Row[] = [...append, ...(await room(days)), await largest(most)];
    for (const state of states) rows.push(...(await coldStart(state)));
    return rows;
  } finally {
    for (const state of states) await state.remove();
  }
}

class Grown {
  readonly runs: number;
  readonly now: string;
  readonly workspace: BenchWorkspace;
  readonly store: StateStore;
  #next = 0;

  private constructor(
    workspace: BenchWorkspace,
    made: { store: StateStore; now: string; runs: number },
  ) {
    this.workspace = workspace;
    this.store = made.store;
    this.now = made.now;
    this.runs = made.runs;
  }

  static async make(runs: number): Promise<Grown> {
    const workspace = makeWorkspace(1);
    const { folder } = workspace;
    await fettle(START, "-C", folder, "reconcile");
    const growing = await openStore(folder);
    const now = await growState({ folder, store: growing, runs });
    await growing.close();
    // How many packs there are by chance says nothing of the size of a state.
    git(folder, "repack", "-a", "-d", "-q");
    return new Grown(workspace, { store: await openStore(folder), now, runs });
  }

  /** One commit more, which holds a whole run. */
  async append(): Promise<void> {
    this.#next += 1;
    const transactions = runTransactions(`late ${this.#next}`, addMs(this.now, this.#next * 1000));
    const summaries = await readSummaries(this.store);
    await book(this.store, { summaries, transactions, refs: [] });
  }

  async remove(): Promise<void> {
    await this.store.close();
    this.workspace.remove();
  }
}

async function appends(few: Grown, most: Grown): Promise<readonly Row[]> {
  const [short = [], long = []] = await inTurns([() => few.append(), () => most.append()], APPENDS);
  const what = `append after ${most.runs} runs, to after ${few.runs} (${median(short).toFixed(1)} ms)`;
  return [atMost(what, ratios(long, short), 1.3)];
}

/** 288 runs a day in the ticks that everybody gets who says nothing else, and a third of them. */
async function room(days: number): Promise<readonly Row[]> {
  const [together, apart] = [await roomOf(days, 3), await roomOf(days, 1)];
  const what = `bytes of packed state per run of 3 steps, three runs due at each tick, ${days} days`;
  return [
    counted(what, together, BYTES_PER_RUN),
    reported("the same, one run due at each tick", String(apart)),
  ];
}

/** Packed as git packs what came commit by commit: within one pack it looks for no differences unless it is told to. */
async function roomOf(days: number, pipelines: number): Promise<number> {
  const workspace = await ticked(days, pipelines);
  try {
    const { folder } = workspace;
    git(folder, "repack", "-a", "-d", "-f", "-q");
    const objects = git(folder, "rev-list", "--objects", "--no-object-names", "fettle/state");
    const sizes = execFileSync("git", ["cat-file", "--batch-check=%(objectsize:disk)"], {
      cwd: folder,
      env: ENVIRONMENT,
      input: objects,
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    const bytes = sizes
      .trim()
      .split("\n")
      .reduce((sum, size) => sum + Number(size), 0);
    return Math.round(bytes / (ticksIn(days) * pipelines));
  } finally {
    workspace.remove();
  }
}

async function largest({ workspace, runs }: Grown): Promise<Row> {
  const tree = git(workspace.folder, "ls-tree", "-r", "-t", "--name-only", "fettle/state");
  const folders = tree.split("\n").map((path) => path.slice(0, path.lastIndexOf("/") + 1));
  const sizes = [...Map.groupBy(folders, (folder) => folder).values()].map(({ length }) => length);
  return counted(
    `entries of the largest folder on the tip, ${runs} runs`,
    Math.max(...sizes),
    3000,
  );
}

/** A clone without files and without history, and its first tick. */
async function coldStart({ workspace, now, runs }: Grown): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "fettle-cold-"));
  const server = await serveHttp(folder, ENVIRONMENT.PATH);
  try {
    git(folder, "clone", "--quiet", "--bare", workspace.folder, "origin.git");
    const origin = join(folder, "origin.git");
    for (const name of ["allowFilter", "allowAnySHA1InWant"])
      git(origin, "config", `uploadpack.${name}`, "true");
    git(origin, "config", "http.receivepack", "true");
    const clone = ["clone", "--quiet", "--depth=1", "--filter=blob:none", "--no-checkout"];
    await run("git", [...clone, server.url("origin.git"), "cold"], {
      cwd: folder,
      env: ENVIRONMENT,
    });
    const cloned = server.sent();
    await fettle(now, "-C", join(folder, "cold"), "reconcile");
    const fetched = server.sent();
    const what = `cold start after ${runs} runs, bytes fetched by the clone and the first tick`;
    return [
      counted(what, fetched, COLD_BYTES),
      reported("of these by the clone, which holds main alone", String(cloned)),
    ];
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fettle(now: string, ...args: readonly string[]): Promise<void> {
  const env = { ...ENVIRONMENT, FETTLE_DIST: "1", FETTLE_NOW: now };
  await run(process.execPath, [join(ROOT, "bin", "fettle.mjs"), ...args], {
    env,
    maxBuffer: 1 << 26,
  });
}
