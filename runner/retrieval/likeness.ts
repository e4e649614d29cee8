/** How near records are to what is asked, as vectors tell: one more sign beside the words, never instead of them. */
import type { EmbeddedFile, MemoryIndex } from "./memory-index.ts";
import type { Meaning } from "./meaning.ts";
import type { Unit } from "./unit.ts";
import { WEIGHTS } from "./weights.ts";

export interface Likeness {
  /** Of the members of a file, 0 to 1, where 1 is the nearest of all. */
  readonly of: (path: string) => readonly number[];
  /** The units that are nearest: they are looked at though they share no word with what is asked. */
  readonly nearest: readonly Unit[];
}

/** Units that are looked at for their meaning alone. */
const MOST_NEAR = 50;

export async function likenessIn(index: MemoryIndex, meaning: Meaning): Promise<Likeness> {
  const raw = new Map(
    meaning.files.map((file) => [file.path, smoothed(productsOf(file, meaning))]),
  );
  const tops = [...raw].map(([path, likes]) => ({ path, top: Math.max(0, ...likes) }));
  const scale = scaleOf([...raw.values()].flat());
  const near = tops
    .filter(({ top }) => top > 0)
    .toSorted((a, b) => b.top - a.top || (a.path < b.path ? -1 : 1))
    .slice(0, MOST_NEAR);
  return {
    of: (path) => (raw.get(path) ?? []).map(scale),
    nearest: await index.unitsAt(near.map(({ path }) => path)),
  };
}

/** Many embedders hold everything for rather alike: what counts is how far a record stands above the mean. */
function scaleOf(likes: readonly number[]): (like: number) => number {
  const most = likes.reduce((max, like) => Math.max(max, like), 0);
  const mean = likes.reduce((sum, like) => sum + like, 0) / Math.max(likes.length, 1);
  if (most === 0) return () => 0;
  // All are as near as the nearest.
  if (most - mean < 1e-9) return () => 1;
  return (like) => Math.max((like - mean) / (most - mean), 0);
}

function productsOf({ keys }: EmbeddedFile, { query, vectorOf }: Meaning): readonly number[] {
  return keys.map((key) => {
    const vector = vectorOf(key);
    return vector === undefined ? 0 : Math.max(product(query, vector), 0);
  });
}

/** 0 for one of another length: it was made by something else. */
function product(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return 0;
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/** What stands beside a record in its run counts for it too, as with words. */
function smoothed(likes: readonly number[]): readonly number[] {
  const { previous, next } = WEIGHTS;
  return likes.map(
    (like, at) => like + previous * (likes[at - 1] ?? 0) + next * (likes[at + 1] ?? 0),
  );
}
