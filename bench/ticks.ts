/** Ticks of the shipped program: nothing to do, one project changed, from ten projects to a thousand. */
import { join } from "node:path";
import { atLeast, atMost, counted, reported, type Row } from "./bar.ts";
import { heavyPackages } from "./loaded.ts";
import { inTurns, median, ratios, timed } from "./measure.ts";
import { bareNode, fettle, gitStatus, ROOT, run } from "./program.ts";
import { makeWorkspace, projectText, type BenchWorkspace } from "./workspace.ts";

export interface Effort {
  readonly sizes: readonly number[];
  /** Projects of a workspace that only rests. */
  readonly huge: number;
  readonly rounds: number;
}

/** The size that the bar of parsing everything is about. */
const BARRED = 1000;

/** A workspace that was ticked until nothing was left to do. */
interface Settled extends BenchWorkspace {
  readonly size: number;
  readonly firstMs: number;
}

export async function benchTicks({ sizes, rounds, huge }: Effort): Promise<readonly Row[]> {
  const workspaces: Settled[] = [];
  for (const size of sizes) workspaces.push(await settled(size));
  try {
    const largest = workspaces.at(-1);
    const smallest = workspaces[0];
    if (largest === undefined || smallest === undefined) return [];
    const rows = [counted("heavy packages loaded by a no-op", heavyPackages(largest.folder), 0)];
    for (const workspace of workspaces) rows.push(await noOp(workspace, rounds));
    rows.push(await flat([smallest, largest], rounds), await naive(largest));
    rows.push(...(await oneChanged([smallest, largest], Math.ceil(rounds / 2))));
    const resting = await settled(huge);
    workspaces.push(resting);
    rows.push(await flat([smallest, resting], rounds));
    const first = workspaces.map(
      ({ size, firstMs }) => `${size}: ${(firstMs / 1000).toFixed(1)} s`,
    );
    return [...rows, reported("first tick, every project new", first.join(", "))];
  } finally {
    for (const { remove } of workspaces) remove();
  }
}

async function settled(size: number): Promise<Settled> {
  const workspace = makeWorkspace(size);
  const firstMs = await timed(() => fettle("-C", workspace.folder, "reconcile"));
  tick(workspace);
  return { ...workspace, size, firstMs };
}

function tick({ folder }: BenchWorkspace): void {
  fettle("-C", folder, "reconcile");
}

async function noOp(workspace: Settled, rounds: number): Promise<Row> {
  const { size, folder } = workspace;
  const [ours = [], node = [], status = []] = await inTurns(
    [() => tick(workspace), bareNode, () => gitStatus(folder)],
    rounds,
  );
  const floor = node.map((ms, round) => ms + (status[round] ?? 0));
  const what = `no-op, ${size} projects, to bare node + git status (${median(ours).toFixed(0)} ms)`;
  return atMost(what, ratios(ours, floor), 1.15);
}

async function flat([small, large]: readonly [Settled, Settled], rounds: number): Promise<Row> {
  const [few = [], many = []] = await inTurns([() => tick(small), () => tick(large)], rounds);
  const what = `no-op, ${large.size} projects, to ${small.size}`;
  return atMost(what, ratios(many, few), 1.15);
}

/** Every manifest read, parsed and checked, as a program without memory would. */
async function naive(workspace: Settled): Promise<Row> {
  const script = join(ROOT, "bench", "parse-all.ts");
  const parse = (): void => run(process.execPath, [script, workspace.folder]);
  const [ours = [], all = []] = await inTurns([() => tick(workspace), parse], 3);
  const what = `parsing all of ${workspace.size} projects, to a no-op`;
  return atLeast(what, ratios(all, ours), workspace.size < BARRED ? 1 : 20);
}

async function oneChanged(
  [small, large]: readonly [Settled, Settled],
  rounds: number,
): Promise<readonly Row[]> {
  const [ofSmall, ofLarge, noOps]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    ofSmall.push(await changed(small, round));
    ofLarge.push(await changed(large, round));
    tick(large);
    noOps.push(await timed(() => tick(large)));
  }
  const what = `one changed of ${large.size}`;
  return [
    atMost(`${what}, to a no-op (${median(ofLarge).toFixed(0)} ms)`, ratios(ofLarge, noOps), 2.5),
    atMost(`${what}, to one changed of ${small.size}`, ratios(ofLarge, ofSmall), 1.2),
  ];
}

function changed(workspace: Settled, round: number): Promise<number> {
  workspace.commit({ "projects/p5/project.yaml": projectText(`Edited ${round} times.`) });
  return timed(() => tick(workspace));
}
