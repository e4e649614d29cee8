/** Steps through the whole loop: planning, execution, recording. */
import { atMost, type Row } from "./bar.ts";
import { sqliteJournal } from "./journals.ts";
import { addLetters, askForLetters, writeLetters } from "./letters.ts";
import { median, timed } from "./measure.ts";
import { makeWorkspace, range, type BenchWorkspace } from "./workspace.ts";

/** What planning may take of a step, in milliseconds. */
const FOR_PLANNING = 1;

export async function benchSteps(steps: number, rounds: number): Promise<readonly Row[]> {
  const workspace = makeWorkspace(1);
  const sqlite = sqliteJournal(workspace.folder);
  try {
    addLetters(workspace, "template");
    const ours: number[] = [];
    const theirs: number[] = [];
    for (const round of range(rounds)) {
      ours.push(await perStep(workspace, steps));
      const insert = (): void => range(steps).forEach((step) => sqlite.write(round * steps + step));
      theirs.push((await timed(insert)) / steps);
    }
    const what = `${steps} in-process steps through the loop, a step (${median(ours).toFixed(2)} ms)`;
    const insert = `a SQLite FULL insert (${median(theirs).toFixed(2)} ms)`;
    const ratios = ours.map((ms, round) => (ms - FOR_PLANNING) / (theirs[round] ?? Number.NaN));
    return [atMost(`${what} less ${FOR_PLANNING} ms for planning, to ${insert}`, ratios, 1.5)];
  } finally {
    sqlite.close();
    workspace.remove();
  }
}

/** Milliseconds that one step more adds to a tick. */
async function perStep(workspace: BenchWorkspace, steps: number): Promise<number> {
  askForLetters(workspace, 1);
  const one = await timed(() => writeLetters(workspace));
  askForLetters(workspace, steps);
  const all = await timed(() => writeLetters(workspace));
  return (all - one) / (steps - 1);
}
