/** What is done to the runners, and what the operator does meanwhile. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ended, type Desk } from "../../e2e/program.ts";
import { kill, killAll, treeOf } from "../../support/process-tree.ts";
import type { Random } from "../simulation/random.ts";
import type { Crew } from "./crew.ts";

export interface Tally {
  kills: number;
  stops: number;
  /** What the operator brought to main. */
  edits: number;
  /** Tips that a tick has reported as published. */
  readonly acknowledged: Set<string>;
}

const MAIN = "refs/heads/main";
const BETWEEN_EDITS_MS = 1_000;

/** Every runner has so many troubled ticks, or as many as it takes until nothing is open, and the operator works on. */
export async function trouble(
  crew: Crew,
  { random, rounds, firstPatienceMs }: { random: Random; rounds: number; firstPatienceMs: number },
): Promise<Tally> {
  const tally: Tally = { kills: 0, stops: 0, edits: 0, acknowledged: new Set() };
  const isOver = new AbortController();
  const runners = crew.clones.map(async (runner) => {
    let patienceMs = firstPatienceMs;
    for (let round = 0; round < rounds && !(await isDone(crew)); round += 1) {
      const before = crew.pushes.accepted;
      await troubledTick(crew, runner, { random, tally, patienceMs });
      // Whoever is killed too early every time would never come to anything that could go wrong.
      patienceMs *= crew.pushes.accepted === before ? 1.4 : 0.9;
    }
  });
  const edits = editing(crew, tally, isOver.signal);
  await Promise.all(runners);
  isOver.abort();
  await edits;
  return tally;
}

async function editing(crew: Crew, tally: Tally, isOver: AbortSignal): Promise<void> {
  for (let turn = 0; !isOver.aborted; turn += 1) {
    if (await operate(crew, turn)) tally.edits += 1;
    await sleep(BETWEEN_EDITS_MS);
  }
}

/** Nothing is open any more. */
export async function isDone({ origin }: Crew): Promise<boolean> {
  const open = ["open/", "gates/", "requests/"];
  return (await origin.git("ls-tree", "--name-only", "fettle/state", ...open)) === "";
}

/** One tick of one runner: killed with all that it started, stopped for longer than a lease, or left alone. */
async function troubledTick(
  crew: Crew,
  runner: Desk,
  { random, tally, patienceMs }: { random: Random; tally: Tally; patienceMs: number },
): Promise<void> {
  const child = runner.start(["reconcile"], { environment: crew.environment });
  const end = ended(child);
  const fate = random.next();
  await Promise.race([end, sleep(random.below(patienceMs))]);
  const tree = treeOf(child.pid ?? 0);
  if (child.exitCode === null && fate < 0.6) {
    tally.kills += 1;
    await killAll(tree);
  } else if (child.exitCode === null && fate < 0.75) {
    tally.stops += 1;
    kill(tree, "SIGSTOP");
    // Three minutes for the company, with the margin: its claim has run out when it goes on.
    await sleep(3_000);
    kill(tree, "SIGCONT");
  }
  const { code } = await end;
  if (code === 0) tally.acknowledged.add(await tipOf(crew.origin));
}

export function tipOf(origin: Desk): Promise<string> {
  return origin.git("for-each-ref", "--format=%(objectname)", "refs/heads/fettle/state");
}

/** Edits a file and pushes it, or merges what waits; false where somebody was faster. */
export async function operate(crew: Crew, turn: number): Promise<boolean> {
  try {
    await edit(crew, turn);
    return true;
  } catch {
    return false;
  }
}

async function edit({ operator, origin }: Crew, turn: number): Promise<void> {
  await operator.git("fetch", "--quiet", "--prune", "origin");
  await operator.git("reset", "--quiet", "--hard", "origin/main");
  const gates = await origin.git(
    "for-each-ref",
    "--format=%(refname:short)",
    "refs/heads/fettle/gate",
  );
  const [gate = ""] = gates.split("\n");
  if (gate !== "" && turn % 2 === 1) {
    await operator.git("merge", "--quiet", "--no-ff", "--no-edit", `origin/${gate}`);
  } else {
    const summary = { apiVersion: "fettle/v1", summary: `What shop is for, as of ${turn}.` };
    const file = join(operator.folder, "projects/shop/project.yaml");
    writeFileSync(file, `${JSON.stringify(summary)}\n`);
    await operator.git("commit", "--quiet", "--all", "--message", `edit ${turn}`);
  }
  await operator.git("push", "--quiet", "origin", `HEAD:${MAIN}`);
}
