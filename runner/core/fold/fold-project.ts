/** What is known of one project, event by event. */
import { rememberNames } from "#runner/core/earlier-names.ts";
import { foldGoal, foldGoals } from "./fold-goal.ts";
import { foldReview } from "./fold-review.ts";
import { foldGateAsked, withoutQueued } from "./fold-queue.ts";
import { foldPipelineEnd, foldPipelineStart, foldPipelines, foldSeen } from "./fold-pipeline.ts";
import type { EventOf, LedgerEvent } from "#runner/core/ledger-event.ts";
import type { LiveProject } from "#runner/schema/types.gen.ts";

export function foldProject(live: LiveProject, event: LedgerEvent): LiveProject {
  switch (event.kind) {
    case "project-applied":
      return foldApplied(live, event);
    case "project-stalled":
      return {
        ...live,
        stalled: { commit: event.commit, reason: event.reason, since: event.at },
      };
    case "run-started":
      return {
        ...foldPipelineStart(live, event),
        openRuns: [...live.openRuns, event.run],
      };
    case "step-finished":
      return foldStep(foldDoubt(live, event), event);
    case "effect-answered":
      return foldAnswer(live, event);
    case "gate-queued":
    case "gate-opened":
      return foldGateAsked(live, event);
    case "gate-settled":
      return {
        ...withoutQueued(live, ({ run, step }) => run === event.run && step === event.step),
        openGates: live.openGates.filter((gate) => gate !== event.gate),
        pending: addPending(withoutDecided(live.pending, event), event.pending),
        ...foldReview(live, event),
      };
    case "run-finished":
      return foldRunEnd(live, event);
    case "files-delivered":
      return foldDelivery(live, event);
    case "edits-adopted":
    case "project-removed":
    case "effect-intended":
    case "spend-granted":
    case "spend-settled":
    case "gate-noted":
    case "wait-ended":
    case "step-checkpointed":
    case "request-made":
    case "request-settled":
    case "work-claimed":
    case "rewrite-accepted":
    case "clock-set-right":
    case "state-compacted":
    case "payload-dropped":
      return live;
  }
}

function foldDelivery(live: LiveProject, event: EventOf<"files-delivered">): LiveProject {
  const done = new Set([...Object.keys(event.owned), ...event.setAside]);
  const pending = live.pending.filter((file) => !done.has(file.path));
  return { ...live, pending, pipelines: foldSeen(live.pipelines, event.seen) };
}

function withoutDecided(
  pending: LiveProject["pending"],
  { decided = [] }: EventOf<"gate-settled">,
): LiveProject["pending"] {
  return decided.length === 0 ? pending : pending.filter(({ path }) => !decided.includes(path));
}

function foldApplied(live: LiveProject, event: EventOf<"project-applied">): LiveProject {
  const { stalled: _, ...rest } = live;
  const earlier = rememberNames(live.earlier, event.earlier, event.renamedFrom);
  return {
    ...rest,
    ...(earlier === undefined ? {} : { earlier }),
    applied: { commit: event.commit, tree: event.digest, at: event.at },
    pipelines: foldPipelines(live.pipelines, event),
    goals: foldGoals(live.goals, event.goals),
  };
}

function foldStep(live: LiveProject, event: EventOf<"step-finished">): LiveProject {
  return { ...live, pending: addPending(live.pending, event.pending) };
}

/** Micro-dollars that are known to be gone since the event, by the month in which that was learnt. */
export function foldSpend(live: LiveProject, { at }: LedgerEvent, paid: number): LiveProject {
  if (paid === 0) return live;
  const month = at.slice(0, 7);
  return { ...live, spend: { ...live.spend, [month]: (live.spend[month] ?? 0) + paid } };
}

function foldDoubt(live: LiveProject, event: EventOf<"step-finished">): LiveProject {
  if (event.effect === null || event.doubt !== true) return live;
  return withDoubt(live, { ...event, effect: event.effect });
}

function foldAnswer(live: LiveProject, event: EventOf<"effect-answered">): LiveProject {
  if (event.answer === "uncertain") return withDoubt(live, event);
  const left = (live.uncertain ?? []).filter((doubt) => !isOf(doubt, event.effect));
  const { uncertain: _, ...rest } = live;
  return left.length === 0 ? rest : { ...live, uncertain: left };
}

type Doubt = NonNullable<LiveProject["uncertain"]>[number];
type DoubtEvent = Pick<
  EventOf<"effect-answered">,
  "effect" | "agent" | "run" | "step" | "item" | "at" | "reason"
>;

function withDoubt(live: LiveProject, event: DoubtEvent): LiveProject {
  const { effect, agent, run, step, item, at: since, reason } = event;
  const { base, ordinal, onceKey } = effect;
  const others = (live.uncertain ?? []).filter((doubt) => !isOf(doubt, effect));
  const doubt: Doubt = { base, ordinal, onceKey, agent, run, step, item, since, reason };
  return { ...live, uncertain: [...others, doubt] };
}

function isOf(doubt: Doubt, { base, ordinal }: Pick<Doubt, "base" | "ordinal">): boolean {
  return doubt.base === base && doubt.ordinal === ordinal;
}

function foldRunEnd(live: LiveProject, event: EventOf<"run-finished">): LiveProject {
  const openRuns = live.openRuns.filter((run) => run !== event.run);
  const left = withoutQueued(live, ({ run }) => run === event.run);
  const pending = addPending(live.pending, event.pending ?? []);
  return event.goal === null
    ? { ...foldPipelineEnd(left, event), openRuns, pending }
    : { ...left, openRuns, pending, goals: foldGoal(left, event) };
}

/** A newer file for a path takes the place of the one that it was made from; what main held before stays known. */
function addPending(
  pending: LiveProject["pending"],
  added: LiveProject["pending"],
): LiveProject["pending"] {
  const replaced = new Set(added.map((file) => file.path));
  const rebased = added.map((file) => {
    const before = pending.find(({ path }) => path === file.path);
    return before !== undefined && before.blob === file.was ? { ...file, was: before.was } : file;
  });
  return [...pending.filter((file) => !replaced.has(file.path)), ...rebased];
}
