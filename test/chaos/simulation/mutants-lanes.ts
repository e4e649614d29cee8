/** Lanes with one guard taken away. */
import { needsPermit } from "#runner/loop/permit.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { DEADLY_LANES, LANES, ORDERLY_LANES, POOR_LANES } from "./faults.ts";
import { violating, type Mutant } from "./mutant.ts";
import { resultOf } from "./result.ts";
import { RULES, type Rules } from "./world.ts";

/** As if nobody had been there to begin it. */
function neverBegun(
  ...[view, start, { startedAt, at }]: Parameters<Rules["lostStep"]>
): Transaction {
  return resultOf(view, start, { ...NOTHING, startedAt, at });
}

const NOTHING = { outcome: "crashed", started: false, mark: 0, taken: 0 } as const;

const UNSAFE: readonly { readonly name: string; readonly rules: Partial<Rules> }[] = [
  {
    name: "what is handed out is intended by nobody",
    rules: { permitsHandOut: ({ kind }) => kind !== "effect-intended" },
  },
  {
    name: "a lane begins an effect though others may have taken it over",
    rules: { isTooLate: () => false },
  },
  {
    name: "a lane that is executed again begins its effects again",
    rules: { mustNote: () => false },
  },
  {
    name: "what a lane has refused it begins when it is executed again",
    rules: { mustNote: (start, isRefused) => !isRefused && needsPermit(start) },
  },
  {
    name: "what no lane has told of counts as not begun",
    rules: { lostStep: neverBegun },
  },
];

/** Whoever intended an effect, what this runner says counts. */
function asOwner(...[pending, tip]: Parameters<Rules["rebase"]>): ReturnType<Rules["rebase"]> {
  const receipts = [...tip.receipts].map(([base, record]) => {
    const own = record.receipts.map((receipt) => ({ ...receipt, runner: tip.self }));
    return [base, { ...record, receipts: own }] as const;
  });
  return RULES.rebase(pending, { ...tip, receipts: new Map(receipts) });
}

const WASTEFUL: readonly Pick<Mutant, "name" | "rules" | "caughtBy">[] = [
  {
    name: "nobody claims what lanes work on",
    rules: { ...RULES, claimsForPlan: () => [] },
    caughtBy: "again",
  },
  {
    name: "the claim of lanes ends though some of them have not told yet",
    rules: {
      ...RULES,
      endOwnLanes: (seen, end) => RULES.endOwnLanes(seen, { ...end, isOver: true }),
    },
    caughtBy: "again",
  },
  {
    name: "what lanes are at work on counts as left behind",
    rules: { ...RULES, sparesWorking: false },
    caughtBy: "doubted",
  },
];

export const LANE_MUTANTS: readonly Mutant[] = [
  ...UNSAFE.map((without) => violating(without, LANES)),
  violating(
    {
      name: "a lane that is executed again spends its grants again",
      rules: { mustNote: ({ effect }) => effect !== null },
    },
    POOR_LANES,
  ),
  violating(
    {
      name: "that nothing was begun frees an effect that another runner has taken over",
      rules: { rebase: asOwner },
    },
    DEADLY_LANES,
  ),
  ...WASTEFUL.map((without) => ({ ...without, faults: ORDERLY_LANES })),
];
