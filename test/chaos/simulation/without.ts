/** Ways of taking one rule away. */
import { says } from "../../support/core-records.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { attemptPath } from "#runner/core/state-path.ts";
import {
  nextPublish,
  type OriginLook,
  type PublishCommand,
  type PushOutcome,
} from "#runner/protocol/publish.ts";
import { rebase, type Rebased, type Recorded, type Tip } from "#runner/protocol/rebase.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { heldByOthers } from "#runner/core/lease.ts";
import type { Plan } from "#runner/core/action.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import { plan } from "#runner/core/plan.ts";
import type { RunnerRecord } from "#runner/schema/types.gen.ts";
import { RULES } from "./world.ts";

type Kind = Transaction["event"]["kind"];

/** Keeps events of these kinds whatever the rules say, in their places. */
export function keeping(...kinds: readonly Kind[]): typeof rebase {
  return (pending, tip): Rebased => {
    const { kept, dropped } = rebase(pending, tip);
    const keptEvents = new Map(kept.map((one) => [one.event, one]));
    const all = pending.flatMap((one): Recorded[] => {
      const found = keptEvents.get(one.event);
      if (found !== undefined) return [found];
      return kinds.includes(one.event.kind) ? [one] : [];
    });
    const late = kept.filter(({ event }) => !pending.some((one) => one.event === event));
    return { kept: [...all, ...late], dropped };
  };
}

export function dropping(isDropped: (recorded: Recorded) => boolean): typeof rebase {
  return (pending, tip) => {
    const { kept, dropped } = rebase(pending, tip);
    return { kept: kept.filter((one) => !isDropped(one)), dropped };
  };
}

/** Keeps results that were made from what another execution has replaced. */
export function keepingParted(pending: readonly Recorded[], tip: Tip): Rebased {
  const { kept, dropped } = rebase(pending, tip);
  const isKept = new Set(kept.map(({ event }) => event));
  const all = pending.filter(({ event }) => {
    if (isKept.has(event)) return true;
    if (event.kind !== "step-finished") return false;
    const run = tip.runs.get(event.run);
    const path = attemptPath(event.run, event, event.attempt);
    return run?.state === "open" && !run.attempts.has(path);
  });
  return { kept: all, dropped };
}

/** Each transaction as if it were the only one: nothing that is kept counts for those behind it. */
export function rebasedApart(pending: readonly Recorded[], tip: Tip): Rebased {
  const fates = pending.map((one) => rebase([one], tip));
  return {
    kept: fates.flatMap(({ kept }) => kept),
    dropped: fates.flatMap(({ dropped }) => dropped),
  };
}

/** After a push with this outcome it is settled. */
export function settledAfter(outcome: PushOutcome): typeof nextPublish {
  return (step, fact) =>
    fact.kind === "pushed" && fact.outcome === outcome
      ? { ...step, command: { kind: "settle" } }
      : nextPublish(step, fact);
}

/** After one kind of look, another command. */
export function afterLook(look: OriginLook, command: PublishCommand): typeof nextPublish {
  return (step, fact) =>
    fact.kind === "looked" && fact.look === look ? { ...step, command } : nextPublish(step, fact);
}

/** Plans with other facts than those that there are. */
export function planning(change: (seen: Observed) => Partial<Observed>): typeof plan {
  return (workspace, seen, now) => plan(workspace, { ...seen, ...change(seen) }, now);
}

function sooner(claim: RunnerRecord): RunnerRecord {
  return { ...claim, expires: addMs(claim.expires, -MARGIN_MS) };
}

/** What others hold ends as soon as their claim says: this clock is taken for theirs. */
export function withoutMargin({ runners }: Observed): Pick<Observed, "runners"> {
  return { runners: runners.map(sooner) };
}

export function ofOne(runners: readonly RunnerRecord[], name: string): readonly RunnerRecord[] {
  return runners.filter(({ runner }) => runner === name);
}

/** As in core/lease.ts, where nobody else needs to know it. */
const MARGIN_MS = 30_000;

/** The answer to a gate is taken for given when it opens. */
export function withAnswers({ gates, summaries }: Observed): Pick<Observed, "gates"> {
  const commit = summaries.workspace.appliedCommit ?? "";
  const answered = [...gates].map(([id, { record, facts }]) => {
    const items = new Map(
      record.items.map(({ path }) => [path, { blob: "", outputs: { text: "" }, problem: null }]),
    );
    const deliverables = new Map<string, string>();
    const approver = "ada@northwind.example";
    const onMain = { commit, approver, says: says("approved"), items, deliverables };
    return [id, { record, facts: { ...facts, onMain } }] as const;
  });
  return { gates: new Map(answered) };
}

/** Limits of the newest version are not asked for: those that a run is pinned to are all there is. */
export function withoutLimits(what: "effectLimits" | "once"): typeof plan {
  return (workspace, seen, now) => {
    const projects = [...workspace.projects].map(([name, version]) => {
      const agents = [...version.agents].map(([id, { manifest, ...rest }]) => {
        const { effectLimits: _, ...left } = manifest;
        return [id, { ...rest, manifest: what === "effectLimits" ? left : manifest }] as const;
      });
      const pipelines = what === "once" ? new Map() : version.pipelines;
      return [name, { ...version, agents: new Map(agents), pipelines }] as const;
    });
    const next = plan(workspace, seen, now);
    const loose = plan({ ...workspace, projects: new Map(projects) }, seen, now);
    // Runs start as they are written; only what open runs may do is asked without the limits.
    const others = next.actions.filter(({ kind }) => !STEPS.has(kind));
    const steps = loose.actions.filter(({ kind }) => STEPS.has(kind));
    return { ...next, actions: [...others, ...steps] };
  };
}

const STEPS: ReadonlySet<string> = new Set(["step-start", "step-adopt"]);

/** As if nothing had been done: a run that has begun to act can be replaced like any other. */
export function replacingAny(
  workspace: Workspace,
  seen: Observed,
  now: string,
): ReturnType<typeof plan> {
  const runs = [...seen.runs].map(([id, run]) => {
    const attempts = run.attempts.map((attempt) => {
      const { effect: _, ...rest } = attempt;
      return rest;
    });
    return [id, { ...run, attempts }] as const;
  });
  const next = plan(workspace, seen, now);
  const other = plan(workspace, { ...seen, runs: new Map(runs) }, now);
  const ended = new Set(next.actions.flatMap((action) => ("run" in action ? [action.run] : [])));
  const replaced = other.actions.filter(
    (action) =>
      action.kind === "run-cancel" &&
      action.reason.startsWith("replaced by") &&
      !ended.has(action.run),
  );
  return { ...next, actions: [...replaced, ...next.actions] };
}

/** Its own record is as good as any: the fence is not higher than those of others. */
export function ownFence(...[runners, facts]: Parameters<typeof RULES.claim>): RunnerRecord {
  return RULES.claim(
    runners.filter(({ runner }) => runner === facts.runner),
    facts,
  );
}

/** What was shown today takes nothing of what the operator can look at. */
export function nothingShown({ summaries }: Observed): Pick<Observed, "summaries"> {
  const counted = { ...summaries.workspace, gatesOpened: [] };
  return { summaries: { ...summaries, workspace: counted } };
}

type Part = "taken" | "alive" | "lost";

/** Only these parts of the money that is gone are counted: booked, with runners at work, with dead ones. */
export function counting(...parts: readonly Part[]): typeof plan {
  return (workspace, seen, now) => {
    const { money } = seen.summaries.workspace;
    if (money === undefined) return plan(workspace, seen, now);
    const held = heldByOthers(seen.runners, seen.self, now);
    const grants = money.grants.filter(({ run }) =>
      parts.includes(held.has(run) ? "alive" : "lost"),
    );
    const nothing = parts.includes("taken") ? {} : { days: {}, totals: {}, runs: {} };
    const counted = { ...seen.summaries.workspace, money: { ...money, ...nothing, grants } };
    const summaries = { ...seen.summaries, workspace: counted };
    return plan(workspace, { ...seen, summaries }, now);
  };
}

/** Every run is planned as if it were the only one. */
export function planningApart(...[workspace, seen, now]: Parameters<typeof plan>): Plan {
  const next = plan(workspace, seen, now);
  const others = next.actions.filter(({ kind }) => kind !== "step-start");
  const starts = [...seen.runs].flatMap(([id, run]) =>
    plan(workspace, { ...seen, runs: new Map([[id, run]]) }, now).actions.filter(
      (action) => action.kind === "step-start" && action.run === id && action.effect === null,
    ),
  );
  const effects = next.actions.filter(
    (action) => action.kind === "step-start" && action.effect !== null,
  );
  return { ...next, actions: [...others, ...effects, ...starts] };
}

type Lost = Parameters<typeof RULES.lostSpend>;

export function spentNothing(...[seen, known, at]: Lost): ReturnType<typeof RULES.lostSpend> {
  const nothing = [...known.keys()].map((grant) => [grant, { micros: 0 }] as const);
  return RULES.lostSpend(seen, new Map(nothing), at);
}

/** A branch that somebody has deleted counts as untouched. */
export function withBranches({ gates }: Observed): Pick<Observed, "gates"> {
  const whole = [...gates].map(([id, { record, facts }]) => {
    return [id, { record, facts: { ...facts, branchHead: record.head } }] as const;
  });
  return { gates: new Map(whole) };
}

/** What an operator has asked for is not heard where a gate is decided. */
export function deaf({ requests }: Observed): Pick<Observed, "requests"> {
  return { requests: requests.filter(({ kind }) => kind !== "reject") };
}

/** Gates go on as the policy was when they were opened, whatever it says by now. */
export function withOldPolicy(...[workspace, seen, now]: Parameters<typeof plan>): Plan {
  const { policy } = workspace.settings;
  if (policy === undefined) return plan(workspace, seen, now);
  const { gateFrom: _, ...old } = policy;
  return plan({ ...workspace, settings: { ...workspace.settings, policy: old } }, seen, now);
}
