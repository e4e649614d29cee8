/** What must stand at a path after a commit. */
import { canonicalJson } from "#runner/core/canonical-json.ts";
import { type RuleProblem, wrong } from "./verify-finding.ts";
import { type CheckedStep, recordBefore, type StateRecord } from "./verify-record.ts";

/** Of several events that touch one path the last one counts. */
export interface Touch {
  readonly path: string;
  /** What is wrong with what stands there after the commit. */
  readonly problems: (after: StateRecord | undefined) => readonly RuleProblem[];
}

export function written(
  path: string,
  kind: Exclude<StateRecord["kind"], "unreadable">,
  facts: Readonly<Record<string, unknown>>,
): Touch {
  return {
    path,
    problems: (after) => {
      if (after?.kind === "unreadable") return [];
      if (after?.kind !== kind) return [wrong("it is missing")];
      const values = new Map<string, unknown>(Object.entries(after.value));
      return Object.entries(facts)
        .filter(([name, value]) => !same(values.get(name), value))
        .map(([name]) => wrong(`${name} is not what the event says`));
    },
  };
}

/** Written once: a second writing is an event that happened twice. */
export function once(step: CheckedStep, touch: Touch): Touch {
  if (recordBefore(step, touch.path) === undefined) return touch;
  return { ...touch, problems: () => [wrong("it was recorded already")] };
}

export function removed(path: string): Touch {
  return { path, problems: (after) => (after === undefined ? [] : [wrong("it should be gone")]) };
}

export function allowed(path: string): Touch {
  return { path, problems: () => [] };
}

export function same(left: unknown, right: unknown): boolean {
  return canonicalJson(left ?? null) === canonicalJson(right ?? null);
}
