/**
 * `npm run bench:peers`: the same DAG of letters carried out by engines that others use, in turns with fettle.
 * Needs `npm ci --prefix bench/peers`, and PostgreSQL (Debian: `apt-get install postgresql`) for DBOS.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { atLeast, tableOf, type Row } from "../bar.ts";
import { addDag, dagOf, dagStepMs } from "../dag.ts";
import { addLetters } from "../letters.ts";
import { median } from "../measure.ts";
import { ROOT } from "../program.ts";
import { spawnedStepMs } from "../spawns.ts";
import { makeWorkspace, range, type BenchWorkspace } from "../workspace.ts";
import { nxWorkspace } from "./nx.ts";
import { startPostgres } from "./postgres.ts";

const ROUNDS = 5;
/** As many programs as fettle executes beside each other. */
const BESIDE = 8;
/** And as many steps that it executes itself. */
const IN_PROCESS = 64;
/** Of ten steps each; a pipeline holds a hundred. */
const LAYERS = 10;
const FAN = 1000;

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
  const { url, version } = postgres;
  const peer = `DBOS with PostgreSQL ${version}`;
  const dbos = (layers: readonly (readonly string[])[]): number => {
    const args = [join(import.meta.dirname, "dbos.mjs"), url, JSON.stringify(layers)];
    const told = execFileSync(process.execPath, args, { encoding: "utf8" });
    return Number(told.trim().split("\n").at(-1));
  };
  const fan = range(Math.ceil(FAN / IN_PROCESS)).map((group) =>
    range(Math.min(IN_PROCESS, FAN - group * IN_PROCESS)).map((at) => `w${group}-${at}`),
  );
  const dag = dagOf(LAYERS).map((layer) => layer.map(({ id }) => id));
  try {
    return [
      await contest({
        what: `a DAG of ${dag.flat().length} in-process steps`,
        prepare: (workspace) => addDag(workspace, "template", LAYERS),
        oursMs: (workspace) => dagStepMs(workspace, LAYERS),
        peer,
        peerMs: () => dbos(dag),
        least: 3,
      }),
      await contest({
        what: `${FAN} in-process steps beside each other`,
        prepare: (workspace) => addLetters(workspace, "template"),
        oursMs: (workspace) => spawnedStepMs(workspace, FAN),
        peer,
        peerMs: () => dbos(fan),
        least: 3,
      }),
    ];
  } finally {
    postgres.stop();
  }
}

async function nxRow(): Promise<Row> {
  const nx = nxWorkspace(dagOf(LAYERS).flat(), BESIDE);
  try {
    return await contest({
      what: "the same DAG of steps that start `sh`",
      prepare: (workspace) => addDag(workspace, "command", LAYERS),
      oursMs: (workspace) => dagStepMs(workspace, LAYERS),
      peer: "nx",
      peerMs: nx.stepMs,
      least: 5,
    });
  } finally {
    nx.remove();
  }
}

interface Contest {
  readonly what: string;
  readonly prepare: (workspace: BenchWorkspace) => void;
  /** Milliseconds a step. */
  readonly oursMs: (workspace: BenchWorkspace) => Promise<number>;
  readonly peer: string;
  readonly peerMs: () => number | Promise<number>;
  readonly least: number;
}

async function contest({ what, prepare, oursMs, peer, peerMs, least }: Contest): Promise<Row> {
  const workspace = makeWorkspace(1);
  try {
    prepare(workspace);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (const _ of range(ROUNDS)) {
      theirs.push(await peerMs());
      ours.push(await oursMs(workspace));
    }
    return atLeast(
      `${what}: ${peer} (${median(theirs).toFixed(2)} ms a step) to fettle (${median(ours).toFixed(2)} ms)`,
      theirs.map((ms, round) => ms / (ours[round] ?? Number.NaN)),
      least,
    );
  } finally {
    workspace.remove();
  }
}
