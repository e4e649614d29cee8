/** What turns texts into vectors, so that what means the same is near. Optional: memory is found without. */

export interface Embedder {
  /** All that its vectors depend on: vectors of another one are not compared with. */
  readonly id: string;
  /** Texts that are given at once, at most. */
  readonly atOnce: number;
  readonly embed: (texts: readonly string[], signal: AbortSignal) => Promise<Embedded>;
}

export type Embedded =
  /** In the order of the texts, each of length 1. */
  | { readonly ok: true; readonly vectors: readonly Float32Array[] }
  | { readonly ok: false; readonly why: string };

/** A vector for each text, all as long, of numbers; in whatever form it came. */
export function vectorsFrom(lists: unknown, texts: number): Embedded {
  if (!Array.isArray(lists) || lists.length !== texts) {
    return { ok: false, why: `it gave no vector for each of ${texts} texts` };
  }
  const vectors = lists.map(vectorFrom);
  const [first] = vectors;
  const whole = vectors.filter((vector) => vector !== null && vector.length === first?.length);
  if (whole.length < texts) return { ok: false, why: "what it gave are no vectors of one length" };
  return { ok: true, vectors: whole.filter((vector) => vector !== null) };
}

/** No embedder's are as long. */
const MOST_NUMBERS = 65_536;

/** Of length 1, so that a product tells how near two are; null where it points nowhere. */
function vectorFrom(list: unknown): Float32Array | null {
  if (!Array.isArray(list) || list.length > MOST_NUMBERS) return null;
  if (!list.every((one) => typeof one === "number")) return null;
  const length = Math.hypot(...list);
  if (length === 0 || !Number.isFinite(length)) return null;
  return Float32Array.from(list, (one) => one / length);
}
