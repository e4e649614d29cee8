/** A run that is over, and whose approval was taken back since. */
import type { EffectPreview } from "#runner/core/undo/undo-preview.ts";

export interface WithdrawnRun {
  readonly project: string;
  readonly run: string;
  /** Of the gate. */
  readonly title: string;
  /** What it did and what stands. */
  readonly effects: readonly EffectPreview[];
}

/** It happened, and nobody has undone it. */
export function stands({ state }: EffectPreview): boolean {
  return state === "open" || state === "none";
}

/** What can be undone and what cannot, in a sentence. */
export function standingWords({ effects }: WithdrawnRun): string {
  const open = effects.filter(({ state }) => state === "open").map(({ onceKey }) => onceKey);
  const kept = effects
    .filter(({ state }) => state === "none")
    .map(({ onceKey, how }) => `${onceKey} (${how})`);
  const parts = [
    ...(open.length === 0 ? [] : [`can be undone: ${named(open)}`]),
    ...(kept.length === 0 ? [] : [`cannot be undone: ${named(kept)}`]),
  ];
  return `the approval was taken back after it had been carried out; ${parts.join("; ")}`;
}

const NAMED = 3;

function named(keys: readonly string[]): string {
  const more = keys.length - NAMED;
  const shown = keys.slice(0, NAMED).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
