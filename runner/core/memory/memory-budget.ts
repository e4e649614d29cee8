/** How much of what was found an agent is told: the best that fit, none of them twice. */
import { saysTheSame } from "./memory-text.ts";

export interface RecallBudget {
  /** Records at most. */
  readonly limit: number;
  /** Size of all texts at most, four characters a token. */
  readonly tokens: number;
}

const CHARACTERS_PER_TOKEN = 4;

/** A long record does not keep shorter ones out; who reads the same thing twice learns to ignore it all. */
export function withinBudget<Found extends { readonly text: string }>(
  ranked: readonly Found[],
  { limit, tokens }: RecallBudget,
): readonly Found[] {
  const taken: Found[] = [];
  let left = tokens * CHARACTERS_PER_TOKEN;
  for (const found of ranked) {
    if (taken.length >= limit) break;
    if (found.text.length > left) continue;
    if (taken.some(({ text }) => saysTheSame(found.text, text))) continue;
    left -= found.text.length;
    taken.push(found);
  }
  return taken;
}

/** Size of texts, about. */
export function tokensOf(texts: readonly string[]): number {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
