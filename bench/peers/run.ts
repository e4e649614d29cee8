/**
 * `npm run bench:peers`: the same letters written by engines that others use, in turns with fettle.
 * Needs `npm ci --prefix bench/peers`, and PostgreSQL (Debian: `apt-get install postgresql`) for DBOS.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { atLeast, tableOf, type Row } from "../bar.ts";
import { addLetters, type WriterRuntime } from "../letters.ts";
import { median } from "../measure.ts";
import { ROOT } from "../program.ts";
import { spawnedStepMs } from "../spawns.ts";
import { makeWorkspace, range } from "../workspace.ts";
import { nxWorkspace } from "./nx.ts";
import { startPostgres } from "./postgres.ts";

const ROUNDS = 5;
/** As many steps as fettle executes beside each other. */
const BESIDE = 8;

execFileSync(process.execPath, [join(ROOT, "build.ts")], { stdio: "inherit" });
const rows = [...(await dbosRows()), await nxRow()];
process.stdout.write(tableOf(rows));
if (rows.some(({ verdict }) => verdict === "FAILS")) process.exitCode = 1;

async function dbosRows(): Promise<readonly Row[]> {
  const postgres = startPostgres();
  if (postgres === undefined) {
    process.stderr.write("DBOS is not measured: PostgreSQL is not installed\n");
    return [];
  }
  try {
    const dbos = (): number => {
      const args = [join(import.meta.dirname, "dbos.mjs"), postgres.url, "1000", String(BESIDE)];
      return Number(
        execFileSync(process.execPath, args, { encoding: "utf8" }).trim().split("\n").at(-1),
      );
    };
    const peer = `DBOS with PostgreSQL ${postgres.version}`;
    return [await contest({ runtime: "template", steps: 1000, peer, peerMs: dbos, least: 3 })];
  } finally {
    postgres.stop();
  }
}

async function nxRow(): Promise<Row> {
  const steps = 100;
  const nx = nxWorkspace(steps, BESIDE);
  try {
    return await contest({ runtime: "command", steps, peer: "nx", peerMs: nx.stepMs, least: 5 });
  } finally {
    nx.remove();
  }
}

interface Contest {
  readonly runtime: WriterRuntime;
  readonly steps: number;
  readonly peer: string;
  readonly peerMs: () => number | Promise<number>;
  readonly least: number;
}

async function contest({ runtime, steps, peer, peerMs, least }: Contest): Promise<Row> {
  const workspace = makeWorkspace(1);
  try {
    addLetters(workspace, runtime);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (const _ of range(ROUNDS)) {
      theirs.push(await peerMs());
      ours.push(await spawnedStepMs(workspace, steps));
    }
    const kind = runtime === "template" ? "in-process steps" : "steps that start `sh`";
    const what = `${steps} ${kind}: ${peer} (${median(theirs).toFixed(2)} ms a step) to fettle (${median(ours).toFixed(2)} ms)`;
    return atLeast(
      what,
      theirs.map((ms, round) => ms / (ours[round] ?? Number.NaN)),
      least,
    );
  } finally {
    workspace.remove();
  }
}
