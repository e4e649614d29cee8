/** How texts of memory records are compared. */
import { digestOfBytes } from "./canonical-json.ts";

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
