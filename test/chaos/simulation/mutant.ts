/** A protocol with one rule taken away. */
import type { Faults } from "./faults.ts";
import { RULES, type Rules } from "./world.ts";

export interface Mutant {
  readonly name: string;
  readonly rules: Rules;
  /** How the harness sees it: a violation, or a counter that leaves its bounds. `again`: work that nobody had to do twice; `doubted`: a doubt where nobody dies. */
  readonly caughtBy:
    | "violation"
    | "again"
    | "doubted"
    | "doubts"
    | "left"
    | "told"
    | "pushes"
    | "resaid";
  /** Where the usual ones do not show it soon. */
  readonly faults?: Faults;
}

export function violating(
  { name, rules }: { readonly name: string; readonly rules: Partial<Rules> },
  faults: Faults,
): Mutant {
  return { name, rules: { ...RULES, ...rules }, caughtBy: "violation", faults };
}
