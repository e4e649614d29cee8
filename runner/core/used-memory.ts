/** Which records stand behind what a gate shows. */
import { agentStepsBefore } from "./step-graph.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { OpenRun } from "./model.ts";

export interface UsedMemory {
  readonly id: string;
  /** `draft`, `draft[INV-1]`: who was given it. */
  readonly units: readonly string[];
  /** Whether one of them says that it used it. */
  readonly isCited: boolean;
  /** null: it is not there any more. */
  readonly memory: StoredMemory | null;
}

export interface MemoryBehind {
  /** Those that are cited first. */
  readonly used: readonly UsedMemory[];
  /** What was cited without having been given, with who did so. */
  readonly notGiven: readonly { readonly unit: string; readonly ids: readonly string[] }[];
}

type Behind = Pick<OpenRun, "attempts">["attempts"][number];

function attemptsBehind({ attempts, pipeline }: OpenRun, gate: string): readonly Behind[] {
  const before = new Set(agentStepsBefore(pipeline, gate).map(({ id }) => id));
  return attempts.filter(({ step, outcome }) => before.has(step) && outcome === "succeeded");
}

/** Ids of the records whose text is to be looked up. */
export function idsBehind(run: OpenRun, gate: string): ReadonlySet<string> {
  const given = attemptsBehind(run, gate).flatMap(({ memory }) => memory.recalled);
  return new Set(given.map(({ id }) => id));
}

export function memoryBehind(
  run: OpenRun,
  gate: string,
  records: readonly StoredMemory[],
): MemoryBehind {
  const known = new Map(records.map((memory) => [memory.id, memory]));
  const attempts = attemptsBehind(run, gate);
  const used = [...idsBehind(run, gate)].map((id): UsedMemory => {
    const given = attempts.filter(({ memory }) => memory.recalled.some((one) => one.id === id));
    const citing = given.filter(({ memory }) => memory.cited?.includes(id) === true);
    const shown = citing.length > 0 ? citing : given;
    return {
      id,
      units: [...new Set(shown.map(unitName))],
      isCited: citing.length > 0,
      memory: known.get(id) ?? null,
    };
  });
  const notGiven = attempts.flatMap((attempt) => {
    const { notGiven: ids = [] } = attempt.memory;
    return ids.length === 0 ? [] : [{ unit: unitName(attempt), ids }];
  });
  return { used: used.toSorted((a, b) => Number(b.isCited) - Number(a.isCited)), notGiven };
}

function unitName({ step, item }: Behind): string {
  return item === null ? step : `${step}[${item}]`;
}
