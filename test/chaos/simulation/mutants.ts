/** Protocols with one rule taken away. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import { attemptPath } from "#runner/core/state-path.ts";
import { nextPublish, type OriginLook, type PublishCommand } from "#runner/protocol/publish.ts";
import { rebase, type Rebased, type Recorded, type Tip } from "#runner/protocol/rebase.ts";
import { RULES, UNKIND, type Faults, type Rules } from "./world.ts";

export interface Mutant {
  readonly name: string;
  readonly rules: Rules;
  /** How the harness sees it: a violation, or a counter that leaves its bounds. */
  readonly caughtBy: "violation" | "doubts" | "left" | "pushes";
  /** Where the usual ones do not show it soon. */
  readonly faults?: Faults;
}

type Kind = Transaction["event"]["kind"];

/** Keeps events of these kinds whatever the rules say, in their places. */
function keeping(...kinds: readonly Kind[]): typeof rebase {
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

function dropping(isDropped: (recorded: Recorded) => boolean): typeof rebase {
  return (pending, tip) => {
    const { kept, dropped } = rebase(pending, tip);
    return { kept: kept.filter((one) => !isDropped(one)), dropped };
  };
}

/** Keeps results that were made from what another execution has replaced. */
function keepingParted(pending: readonly Recorded[], tip: Tip): Rebased {
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

/** After one kind of look, another command. */
function afterLook(look: OriginLook, command: PublishCommand): typeof nextPublish {
  return (step, fact) =>
    fact.kind === "looked" && fact.look === look ? { ...step, command } : nextPublish(step, fact);
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "a push that never arrived counts as accepted",
    rules: { ...RULES, nextPublish: afterLook("untouched", { kind: "settle" }) },
    caughtBy: "violation",
  },
  {
    name: "a push that was refused unheard counts as accepted",
    rules: { ...RULES, nextPublish: afterLook("moved", { kind: "settle" }) },
    caughtBy: "violation",
  },
  {
    name: "a push that may have landed counts as accepted where nobody can be asked",
    rules: { ...RULES, nextPublish: afterLook("unreachable", { kind: "settle" }) },
    caughtBy: "violation",
  },
  {
    name: "what is pushed again is not built on the newest state",
    rules: {
      ...RULES,
      nextPublish: (step, fact) =>
        fact.kind === "fetched"
          ? nextPublish(step, { kind: "rebuilt", outcome: "ready" })
          : nextPublish(step, fact),
    },
    caughtBy: "violation",
  },
  {
    name: "results that were made from lost ones are kept",
    rules: { ...RULES, rebase: keepingParted },
    caughtBy: "violation",
  },
  {
    name: "claims survive a lost race",
    rules: { ...RULES, rebase: keeping("work-claimed") },
    caughtBy: "pushes",
  },
  {
    name: "a push without an answer counts as accepted",
    rules: {
      ...RULES,
      nextPublish: (step, fact) =>
        fact.kind === "pushed" && fact.outcome === "unknown"
          ? { ...step, command: { kind: "settle" } }
          : nextPublish(step, fact),
    },
    caughtBy: "violation",
  },
  {
    name: "intents survive a lost race",
    rules: { ...RULES, rebase: keeping("effect-intended") },
    caughtBy: "violation",
  },
  {
    name: "a result is booked though one of the same attempt is recorded",
    rules: { ...RULES, rebase: keeping("step-finished") },
    caughtBy: "violation",
  },
  {
    name: "a run is started though it was started by another runner",
    rules: { ...RULES, rebase: keeping("run-started") },
    caughtBy: "violation",
  },
  {
    name: "a run is ended though the newest state has not been looked at",
    rules: { ...RULES, rebase: keeping("run-finished") },
    caughtBy: "violation",
  },
  {
    name: "effects are carried out before their intents are published",
    rules: { ...RULES, publishesIntents: false },
    caughtBy: "violation",
  },
  {
    name: "an agent that can tell acts while another runner may be about to",
    rules: { ...RULES, asksOnly: false },
    caughtBy: "violation",
    faults: { ...UNKIND, pause: 0.05, longPause: 0 },
  },
  {
    name: "results of a lost race are thrown away",
    rules: { ...RULES, rebase: dropping(({ event }) => event.kind === "step-finished") },
    caughtBy: "violation",
  },
  {
    name: "a receipt that comes late is thrown away",
    rules: { ...RULES, rebase: dropping(({ event }) => event.kind === "effect-answered") },
    caughtBy: "left",
  },
  {
    name: "nobody claims what he works on",
    rules: { ...RULES, mustClaim: () => false },
    caughtBy: "doubts",
  },
];
