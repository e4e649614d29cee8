/** Protocols with one rule taken away. */
import { addMs } from "#runner/core/time/instant.ts";
import { nextPublish } from "#runner/protocol/publish.ts";
import type { Mutant } from "./mutant.ts";
import { SPECIAL_MUTANTS } from "./mutants-special.ts";
import { LASTING, UNKIND } from "./faults.ts";
import { RULES, type Rules } from "./world.ts";
import {
  afterLook,
  dropping,
  keeping,
  keepingParted,
  ofOne,
  ownFence,
  planning,
  settledAfter,
  replacingAny,
  withAnswers,
  withoutLimits,
  withoutMargin,
} from "./without.ts";

const HOUR_MS = 3_600_000;
const UNCLAIMED: Rules = { ...RULES, mustClaim: () => false };

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
    rules: { ...RULES, nextPublish: settledAfter("unknown") },
    caughtBy: "violation",
  },
  {
    name: "a push that lost a race counts as accepted",
    rules: { ...RULES, nextPublish: settledAfter("moved") },
    caughtBy: "violation",
  },
  {
    name: "what nobody needs any more is pushed all the same",
    rules: {
      ...RULES,
      nextPublish: (step, fact) =>
        fact.kind === "rebuilt" && fact.outcome === "nothing-left"
          ? nextPublish(step, { kind: "rebuilt", outcome: "ready" })
          : nextPublish(step, fact),
    },
    caughtBy: "pushes",
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
    rules: UNCLAIMED,
    caughtBy: "doubts",
  },
  {
    name: "nobody claims the effects that he is about to carry out",
    rules: UNCLAIMED,
    caughtBy: "told",
  },
  {
    name: "another clock is trusted to the millisecond",
    rules: { ...RULES, plan: planning(withoutMargin) },
    caughtBy: "again",
    faults: LASTING,
  },
  {
    name: "a claim does not say what it is for",
    rules: { ...RULES, claim: (...facts) => ({ ...RULES.claim(...facts), runs: [] }) },
    caughtBy: "again",
    faults: LASTING,
  },
  {
    name: "a claim is not renewed while an agent is at work",
    rules: {
      ...RULES,
      mustClaim: (own, runs, now) =>
        RULES.mustClaim(own && { ...own, expires: addMs(now, HOUR_MS) }, runs, now),
    },
    caughtBy: "again",
    faults: LASTING,
  },
  {
    name: "what others have claimed is not left alone",
    rules: { ...RULES, plan: planning(({ self, runners }) => ({ runners: ofOne(runners, self) })) },
    caughtBy: "again",
    faults: LASTING,
  },
  {
    name: "what is at work when its inputs are replaced counts",
    rules: { ...RULES, partedRuns: () => new Set() },
    caughtBy: "violation",
  },
  {
    name: "a claim does not rank above those before it",
    rules: { ...RULES, claim: ownFence },
    caughtBy: "violation",
  },
  {
    name: "a permission that a crash kept from the origin is published after it",
    rules: { ...RULES, dropsUnseen: false },
    caughtBy: "violation",
  },
  {
    name: "a state that was set back is built on",
    rules: { ...RULES, stopsWhenSetBack: false },
    caughtBy: "violation",
  },
  {
    name: "a gate is opened though it has been opened by another runner",
    rules: { ...RULES, rebase: keeping("gate-opened") },
    caughtBy: "violation",
  },
  {
    name: "a gate is settled though it has been settled by another runner",
    rules: { ...RULES, rebase: keeping("gate-settled") },
    caughtBy: "violation",
  },
  {
    name: "a wait ends though it has ended already",
    rules: { ...RULES, rebase: keeping("wait-ended") },
    caughtBy: "violation",
  },
  {
    name: "a request is settled though it has been settled by another runner",
    rules: { ...RULES, rebase: keeping("request-settled") },
    caughtBy: "violation",
  },
  {
    name: "an older version of a project comes into force after a newer one",
    rules: { ...RULES, rebase: keeping("project-applied") },
    caughtBy: "violation",
  },
  {
    name: "a project is removed though main has it again",
    rules: { ...RULES, rebase: keeping("project-removed") },
    caughtBy: "violation",
  },
  {
    name: "nobody needs to have answered a gate",
    rules: { ...RULES, plan: planning(withAnswers) },
    caughtBy: "violation",
  },
  {
    name: "the cap of an agent counts only as the run has begun with it",
    rules: { ...RULES, plan: withoutLimits("effectLimits") },
    caughtBy: "violation",
  },
  {
    name: "the limits of an effect count only as the run has begun with them",
    rules: { ...RULES, plan: withoutLimits("once") },
    caughtBy: "violation",
    faults: UNKIND,
  },
  {
    name: "a run that has begun to act is replaced",
    rules: { ...RULES, plan: replacingAny },
    caughtBy: "violation",
  },
  {
    name: "a main that was rewritten is taken as it is",
    rules: { ...RULES, plan: planning(() => ({ descends: true })) },
    caughtBy: "violation",
  },
  {
    name: "what the origin may have already is joined with what came after it",
    rules: { ...RULES, joinsOffered: true },
    caughtBy: "resaid",
  },
  ...SPECIAL_MUTANTS,
];
