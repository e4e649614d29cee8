/** `fettle reconcile`: one tick, or ticks until it is stopped. */
import { capWarnings } from "#runner/core/money/cap-warning.ts";
import type { Action, Hold } from "#runner/core/action.ts";
import { isForKeys, tickExit, type TickFacts } from "#runner/core/exit-code.ts";
import type { ProgressEvent } from "#runner/core/progress-event.ts";
import type { Engine, View } from "#runner/loop/engine.ts";
import { failedRuns } from "#runner/loop/failed-runs.ts";
import type { Hands } from "#runner/loop/hands.ts";
import { nextDue } from "#runner/loop/no-op.ts";
import { tell } from "#runner/loop/tell.ts";
import { lateApprovals } from "#runner/loop/late-approvals.ts";
import { withdrawnRuns } from "#runner/loop/withdrawn-runs.ts";
import type { Tick } from "#runner/loop/tick-end.ts";
import { reconcile } from "#runner/reconcile.ts";
import { renderStatus } from "#runner/report/status-text.ts";
import { renderTick } from "#runner/report/tick-text.ts";
import { gateBranches } from "./gate-branches.ts";
import { conflictAnswer, STOPPED_EARLY, withoutWorkspace, writing } from "./opened.ts";
import { restedAnswer } from "./rested.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";
import { tellUncounted, tellUnpushed } from "./uncommitted.ts";
import { watch } from "./watch.ts";

export interface ReconcileOptions {
  readonly watch: boolean;
  readonly detailedExitcode: boolean;
}

export async function reconcileVerb(
  context: VerbContext,
  { watch: isWatched, detailedExitcode }: ReconcileOptions,
): Promise<Answer> {
  let told: ReadonlySet<string> = new Set();
  const turn = async (around: Around): Promise<Answer> => {
    const telling = tellingNews(context, told);
    const answer = await context.showing((onProgress) =>
      tickOnce(telling.context, { detailedExitcode, around }, onProgress),
    );
    told = telling.told;
    return answer;
  };
  return isWatched ? watch(context, turn) : turn(alone);
}

/** What the turn before has told already is not told again every minute. */
function tellingNews(
  context: VerbContext,
  before: ReadonlySet<string>,
): { readonly context: VerbContext; readonly told: ReadonlySet<string> } {
  const told = new Set<string>();
  const notice = (text: string): void => {
    told.add(text);
    if (!before.has(text)) context.notice(text);
  };
  return { context: { ...context, notice }, told };
}

/** What is done with the engine before and after the tick. */
export type Around = (engine: Engine, tick: () => Promise<Ticked>) => Promise<Answer>;

export interface Ticked {
  readonly answer: Answer;
  readonly nextWake: string | null;
  /** Steps that are ready and were not begun. */
  readonly ready: number;
  /** null: nothing was looked at. */
  readonly view: View | null;
}

const alone: Around = async (_, tick) => (await tick()).answer;

export interface TickOptions {
  readonly detailedExitcode: boolean;
  readonly around?: Around;
  /** Who executes the steps; this process when left out. */
  readonly hands?: (engine: Engine) => Hands;
}

export async function tickOnce(
  context: VerbContext,
  { detailedExitcode, around = alone, hands }: TickOptions,
  onProgress: (event: ProgressEvent) => void,
): Promise<Answer> {
  let hasFailed = false;
  const outcomes: Outcome[] = [];
  const onEvent = (event: ProgressEvent): void => {
    hasFailed ||= event.kind === "run-finished" && event.result === "failed";
    if (event.kind === "step-finished") outcomes.push(event.outcome);
    onProgress(event);
  };
  return writing(context, onEvent, (own, behind) => {
    const engine = hands === undefined ? own : { ...own, hands: hands(own) };
    return around(engine, async () => {
      const due = await nextDue(engine.cache);
      const began = context.clock();
      const tick = withHold(await reconcile(engine, context.signal), behind);
      for (const problem of await tell(engine, { ...tick, due, began }, context.signal))
        context.notice(problem);
      const ending = { detailedExitcode, hasFailed, lacksKey: isForKeys(outcomes) };
      const answer = await answerOf({ context, engine }, tick, ending);
      const ready = (tick.plan?.actions ?? []).filter(({ kind }) => isStep(kind)).length;
      return { answer, nextWake: tick.plan?.nextWake ?? null, ready, view: tick.view };
    });
  });
}

function isStep(kind: Action["kind"]): boolean {
  return kind === "step-start" || kind === "step-compensate";
}

/** The tick with what is held since before it began; said once. */
function withHold(tick: Tick, hold: Hold | null): Tick {
  const isKnown = tick.holds.some(({ reason }) => reason === hold?.reason);
  return hold === null || isKnown ? tick : { ...tick, holds: [...tick.holds, hold] };
}

interface At {
  readonly context: VerbContext;
  readonly engine: Engine;
}

async function answerOf({ context, engine }: At, tick: Tick, ending: Ending): Promise<Answer> {
  const { end, view, plan, booked, holds } = tick;
  const look = { ...context.look, now: context.clock() };
  // Who looks on is told what does not count; a tick that did something has enough to say.
  const isLookedOn = view === null ? look.isNarrow : booked === 0;
  await (isLookedOn ? tellUncounted : tellUnpushed)(context, engine.repository);
  if (view === null && plan !== null)
    return restedAnswer({ ...tick, plan }, look, ending.detailedExitcode);
  if (end.kind === "conflict") return conflictAnswer(end.detail);
  if (view === null || plan === null) return unseen(engine, tick);
  const { workspace, observed } = view;
  const branches = await gateBranches(engine.repository, observed);
  // What the tick itself ran into stands in no plan.
  const held = { ...plan, holds };
  const late = await lateApprovals({ workspace, observed, files: engine.store });
  const withdrawn = await withdrawnRuns(engine, { workspace, observed });
  const failed = await failedRuns({ workspace, observed, files: engine.store });
  const caps = capWarnings({ workspace, observed, now: look.now });
  const status = renderStatus(
    { workspace, observed, plan: held, branches, late, withdrawn, failed, caps },
    look,
  );
  return {
    exit: tickExit(factsOf(tick, ending), ending.detailedExitcode),
    text: renderTick({ booked, end, holds, status }, look),
    json: { kind: "summary", end, booked, holds, nextWake: plan.nextWake },
  };
}

/** Of a tick that was over before it had seen anything. */
function unseen(engine: Engine, { end, violations }: Tick): Answer {
  if (end.kind === "interrupted") return STOPPED_EARLY;
  return end.kind === "raced"
    ? refused("lost", end.detail, "fettle doctor   says more; then reconcile again")
    : withoutWorkspace(engine, violations);
}

function factsOf(
  { end, holds, booked, violations }: Tick,
  { hasFailed, lacksKey }: Ending,
): TickFacts {
  const isInvalid = violations.some(({ severity }) => severity === "error");
  return { end: end.kind, isInvalid, hasFailed, lacksKey, booked, holds };
}

interface Ending extends Pick<TickFacts, "hasFailed" | "lacksKey"> {
  readonly detailedExitcode: boolean;
}
