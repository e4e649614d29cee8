/** Runs that nothing but more money lets go on now. */
import type { Plan } from "./action.ts";

/** By id: held by a cap that is used up, with nothing that is done for them meanwhile. */
export function runsShortOfMoney({
  actions,
  holds,
}: Pick<Plan, "actions" | "holds">): ReadonlySet<string> {
  const going = new Set(actions.flatMap((action) => ("run" in action ? [action.run] : [])));
  const held = holds.flatMap(({ reason, subject }) => {
    const run = /^step:([^/]+)\//u.exec(subject)?.[1];
    return reason === "budget-exceeded" && run !== undefined && !going.has(run) ? [run] : [];
  });
  return new Set(held);
}
