/** How much of its budget of records a run has used. */
import { bytesOf } from "./memory-judgement.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

interface Beside {
  readonly record: { readonly id: string; readonly source?: { readonly run?: string } };
  readonly text: string;
}

/** `beside`: what was admitted in this tick, of this run and others, booked or not. */
export function memoryTaken(
  run: string,
  attempts: readonly AttemptRecord[],
  beside: readonly Beside[],
): { readonly records: number; readonly bytes: number } {
  const booked = attempts
    .filter(({ keptFrom }) => keptFrom === undefined)
    .map(({ memory }) => memory);
  const ids = new Set(booked.flatMap(({ admitted }) => admitted));
  const others = beside.filter(({ record }) => record.source?.run === run && !ids.has(record.id));
  return {
    records: ids.size + others.length,
    bytes:
      booked.reduce((sum, { bytes = 0 }) => sum + bytes, 0) +
      others.reduce((sum, { text }) => sum + bytesOf(text), 0),
  };
}
