/** Protocols with one rule taken away that only some companies need. */
import { addMs } from "#runner/core/time/instant.ts";
import { plan } from "#runner/core/plan.ts";
import { nextPublish } from "#runner/protocol/publish.ts";
import { LANE_MUTANTS } from "./mutants-lanes.ts";
import { violating, type Mutant } from "./mutant.ts";
import { BUSY, COMPACTING, POOR, SAVING, SILENT } from "./faults.ts";
import {
  counting,
  deaf,
  dropping,
  keeping,
  nothingShown,
  planning,
  planningApart,
  rebasedApart,
  settledAfter,
  spentNothing,
  withBranches,
  withOldPolicy,
} from "./without.ts";

const HALF_A_MINUTE_MS = 30_000;

export const SPECIAL_MUTANTS: readonly Mutant[] = [
  ...[
    { name: "a grant survives a lost race", rules: { rebase: keeping("spend-granted") } },
    {
      name: "what others may still take is not counted",
      rules: { plan: counting("taken", "lost") },
    },
    {
      name: "what the dead may have taken is not counted",
      rules: { plan: counting("taken", "alive") },
    },
    { name: "what was taken is not counted", rules: { plan: counting("alive", "lost") } },
    { name: "one plan gives the same money to several runs", rules: { plan: planningApart } },
    { name: "the dead are taken to have spent nothing", rules: { lostSpend: spentNothing } },
    { name: "what requests under way held is not counted", rules: { countsHeld: false } },
  ].map((without) => violating(without, POOR)),
  ...[
    {
      name: "a push that found a lock counts as accepted",
      rules: { nextPublish: settledAfter("locked") },
    },
    {
      name: "a push that the origin refused counts as accepted",
      rules: { nextPublish: settledAfter("refused") },
    },
    {
      name: "pushes are tried without end",
      rules: {
        nextPublish: (...[step, fact]: Parameters<typeof nextPublish>) =>
          nextPublish({ ...step, attempt: 1, locks: 0 }, fact),
      },
    },
    {
      name: "what an operator asked for is thrown away with a lost race",
      rules: { rebase: dropping(({ event }) => event.kind === "request-made") },
    },
    {
      name: "what is kept does not count for what comes behind it",
      rules: { rebase: rebasedApart },
    },
    { name: "a gate is queued twice", rules: { rebase: keeping("gate-queued") } },
    {
      name: "what was shown today is not counted",
      rules: { plan: planning(nothingShown) },
    },
  ].map((without) => violating(without, BUSY)),
  ...[
    {
      name: "a gate goes on by itself though its branch was deleted",
      rules: { plan: planning(withBranches) },
    },
    {
      name: "a gate goes on by itself though it was rejected by a request",
      rules: { plan: planning(deaf) },
    },
    {
      name: "a gate goes on by itself though it has been settled, or rejected, elsewhere",
      rules: { rebase: keeping("gate-settled") },
    },
    {
      name: "a gate goes on by itself though the policy wants an answer by now",
      rules: { plan: withOldPolicy },
    },
    {
      name: "a gate goes on by itself before its time",
      rules: {
        plan: (...[workspace, seen, now]: Parameters<typeof plan>) =>
          plan(workspace, seen, addMs(now, HALF_A_MINUTE_MS)),
      },
    },
  ].map((without) => violating(without, SILENT)),
  ...[
    {
      name: "an attempt is not given what the one before it has saved",
      rules: { checkpointsFor: () => new Map() },
    },
    {
      name: "what was saved takes the place of what others have saved since",
      rules: { rebase: keeping("step-checkpointed") },
    },
  ].map((without) => violating(without, SAVING)),
  ...[
    { name: "a compaction survives a lost race", rules: { rebase: keeping("state-compacted") } },
    { name: "what compaction has joined is not looked for", rules: { readsJoined: false } },
  ].map((without) => violating(without, COMPACTING)),
  ...LANE_MUTANTS,
];
