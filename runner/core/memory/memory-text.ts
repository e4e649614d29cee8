/** How texts of memory records are compared. */
import { digestOfBytes } from "#runner/core/canonical-json.ts";

/** Digest of the text regardless of white space, letter case and Unicode form. */
export function memoryDigest(text: string): string {
  return digestOfBytes(text.normalize("NFKC").toLowerCase().replaceAll(/\s+/gu, " ").trim());
}

/** Words and numbers, lower case, without accents. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Share of the distinct words of `text` that `other` has too, 0 to 1. */
export function overlapWith(text: string, other: string): number {
  const words = new Set(wordsOf(text));
  const others = new Set(wordsOf(other));
  return words.size === 0 ? 0 : words.intersection(others).size / words.size;
}

/** From here on two texts count as one that was written twice. */
const NEARLY_THE_SAME = 0.85;

/** Words that turn a sentence round, however much the rest of it stays. */
const NEGATION =
  /^(?:no|not|never|none|nobody|nothing|without|cannot|don|doesn|didn|isn|won|nicht|kein|keine|keinen|keiner|nie|niemals|ohne)$/u;

/** Whether two texts say nearly the same; one with another number or negation says something else. */
export function saysTheSame(text: string, other: string): boolean {
  const words = new Set(wordsOf(text));
  const others = new Set(wordsOf(other));
  const differing = [...words.symmetricDifference(others)];
  if (differing.some((word) => /\p{N}/u.test(word) || NEGATION.test(word))) return false;
  const all = words.union(others).size;
  return all === 0 || (all - differing.length) / all >= NEARLY_THE_SAME;
}
