/** Open runs that nothing is done for now, though they seem to be at work. */
import type { Hold, Plan } from "./action.ts";
import type { HoldReason } from "./hold-reason.ts";

/** `queued`: its question waits for a turn; `held`: something else must come first. */
export type Standstill = "queued" | "held";

/** Somebody else works on it. */
const AT_WORK: ReadonlySet<HoldReason> = new Set(["lease-held"] as const);
const IN_LINE: ReadonlySet<HoldReason> = new Set(["queued", "attention-full"] as const);

/** By run: held in every step that could go on. */
export function heldRuns({
  actions,
  holds,
}: Pick<Plan, "actions" | "holds">): ReadonlyMap<string, Standstill> {
  const acted = actions.flatMap((action) => ("run" in action ? [action.run] : []));
  const elsewhere = holds.filter(({ reason }) => AT_WORK.has(reason)).flatMap(runOf);
  const going = new Set<unknown>([...acted, ...elsewhere]);
  const still = holds.flatMap((hold) =>
    runOf(hold).map((run) => [run, IN_LINE.has(hold.reason) ? "queued" : "held"] as const),
  );
  return new Map(still.filter(([run]) => !going.has(run)));
}

function runOf({ subject }: Hold): readonly string[] {
  const run = /^(?:step:([^/]+)\/|run:(.+)$)/u.exec(subject);
  const name = run?.[1] ?? run?.[2];
  return name === undefined ? [] : [name];
}
