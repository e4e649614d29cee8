/** Memory at several sizes: making its index, bringing it up to date, searching it; beside minisearch and a fresh build. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Row, counted, reported, withinMs } from "./bar.ts";
import { changeMemory, makeMemory } from "./grown-memory.ts";
import { ROOT } from "./program.ts";

interface Probed {
  /** From the start of the program's work, git included. */
  readonly ms: number;
  /** Of all threads, with the start of Node. */
  readonly cpuMs: number;
  readonly how?: string;
  readonly files?: number;
  readonly p50: number;
  readonly p95: number;
  readonly given: readonly unknown[];
  readonly peakMb: number;
}

const BUILD_MS: Readonly<Record<number, number>> = { 10_000: 10_000 };
const UPDATE_MS = 1000;
const QUERY_MS = 30;
/** The peer takes minutes at more. */
const MOST_FOR_PEER = 10_000;

export function benchMemory(sizes: readonly number[]): readonly Row[] {
  return sizes.flatMap(rowsAt);
}

function rowsAt(size: number): readonly Row[] {
  const folder = makeMemory(size);
  try {
    const peer = size <= MOST_FOR_PEER ? probe(folder, "minisearch") : null;
    const built = probe(folder, "build");
    const current = probe(folder, "current");
    changeMemory(folder);
    const updated = probe(folder, "update");
    const fresh = probe(folder, "fresh");
    const own = size <= MOST_FOR_PEER ? [ownRow(size, probe(folder, "in-process"))] : [];
    return [
      buildRow(size, built, peer),
      ...own,
      expecting(
        current,
        "current",
        withinMs(`${size} records: up-to-date check, ${cpu(current)}`, [current.ms], UPDATE_MS),
      ),
      expecting(
        updated,
        "updated",
        withinMs(
          `${size} records: 13 files changed, ${cpu(updated)}, beside ${sec(fresh.ms)} anew`,
          [updated.ms],
          UPDATE_MS,
        ),
      ),
      withinMs(
        `${size} records: search p95 (p50 ${ms(built.p50)})${beside(peer)}`,
        [built.p95],
        QUERY_MS,
      ),
      counted(
        `${size} records: of 200 answers, other than after a fresh build`,
        differing(updated, fresh),
        0,
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function buildRow(size: number, built: Probed, peer: Probed | null): Row {
  const { ms: took, peakMb } = built;
  const what = `${size} records: index made from git, ${cpu(built)}, peak ${peakMb} MB`;
  const named = peer === null ? what : `${what}; minisearch in ${sec(peer.ms)}, ${peer.peakMb} MB`;
  const bar = BUILD_MS[size];
  return bar === undefined ? reported(named, sec(took)) : withinMs(named, [took], bar);
}

function ownRow(size: number, { ms: took, p50, p95, peakMb }: Probed): Row {
  const what = `${size} records: read and indexed in the process, peak ${peakMb} MB`;
  return reported(what, `${sec(took)}, search p50 ${ms(p50)}, p95 ${ms(p95)}`);
}

function beside(peer: Probed | null): string {
  return peer === null ? "" : `, beside minisearch p50 ${ms(peer.p50)}, p95 ${ms(peer.p95)}`;
}

/** A row that measured something else than it says would be worse than none. */
function expecting({ how = "" }: Probed, wanted: string, row: Row): Row {
  if (how !== wanted) throw new Error(`${row.what}: the index was ${how}, not ${wanted}`);
  return row;
}

function differing(one: Probed, other: Probed): number {
  return one.given.filter(
    (answer, at) => JSON.stringify(answer) !== JSON.stringify(other.given[at]),
  ).length;
}

function probe(folder: string, what: string): Probed {
  const script = join(ROOT, "bench", "memory-probe.ts");
  const output = execFileSync(process.execPath, [script, folder, what], { maxBuffer: 1 << 28 });
  return JSON.parse(output.toString("utf8"));
}

/** Says more than the time where other work goes on. */
function cpu({ cpuMs }: Probed): string {
  return `${sec(cpuMs)} of CPU`;
}

function sec(took: number): string {
  return `${(took / 1000).toFixed(1)} s`;
}

function ms(took: number): string {
  return `${took.toFixed(1)} ms`;
}
