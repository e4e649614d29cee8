/** `fettle settle`: books what lanes have executed, and goes on with what needs no agent. */
import { resolve } from "node:path";
import { type LaneWait, laneWait } from "#runner/core/lane/actions-minutes.ts";
import { readPlan } from "#runner/loop/lane-folder.ts";
import { SettleLanes } from "#runner/loop/settle-lanes.ts";
import { renderSettled } from "#runner/report/lanes-text.ts";
import { workingAs } from "./plan-lanes.ts";
import { tickOnce } from "./reconcile.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface SettleVerbOptions {
  /** Folder. */
  readonly results: string;
  /** Folder. */
  readonly plan: string;
  readonly isPartial: boolean;
  /** In a job of GitHub Actions. */
  readonly isBilled?: boolean;
}

export async function settleVerb(
  context: VerbContext,
  options: SettleVerbOptions,
): Promise<Answer> {
  return (await settleLanes(context, options)).answer;
}

export interface SettledLanes {
  readonly answer: Answer;
  /** Runs that the plan was about. */
  readonly runs: readonly string[];
  /** Steps that are ready now. */
  readonly ready: number;
  /** Why they are not handed out now. */
  readonly wait: LaneWait | null;
}

export async function settleLanes(
  context: VerbContext,
  { results, plan, isPartial, isBilled = false }: SettleVerbOptions,
): Promise<SettledLanes> {
  const read = readPlan(resolve(context.start, plan));
  if (!read.ok) {
    const hint = "--plan   names what plan --lanes has written";
    return { answer: refused("usage", read.reason, hint), runs: [], ready: 0, wait: null };
  }
  const { file } = read;
  const options = { file, results: resolve(context.start, results), isPartial, isBilled };
  let hands: SettleLanes | null = null;
  let ready = 0;
  let wait: LaneWait | null = null;
  const answer = await context.showing((onProgress) =>
    tickOnce(
      workingAs(context, file.plan.runner),
      {
        detailedExitcode: false,
        hands: (engine) => (hands = new SettleLanes(engine, options)),
        around: async (_, tick) => {
          const ticked = await tick();
          ({ ready } = ticked);
          wait = ticked.view === null ? null : laneWait({ ...ticked.view, now: context.clock() });
          return hands === null ? ticked.answer : withSettled(context, ticked.answer, hands);
        },
      },
      onProgress,
    ),
  );
  const runs = [...new Set(file.plan.units.map(({ start }) => start.run))];
  return { answer, runs, ready, wait };
}

function withSettled(
  context: VerbContext,
  answer: Answer,
  { settled, refusal }: SettleLanes,
): Answer {
  if (refusal !== null) {
    const hint =
      "settle in a clone of the same origin, with the folder that plan --lanes has written";
    return refused("refused", refusal, hint);
  }
  const { text = "" } = answer;
  const lost = settled.lost.map(({ start: { run, step, item }, reason }) => ({
    run,
    step,
    item,
    reason,
  }));
  const json = { kind: "settled", told: settled.told, lost, open: settled.open, tick: answer.json };
  return { ...answer, text: `${renderSettled(settled, context.look)}\n${text}`, json };
}
