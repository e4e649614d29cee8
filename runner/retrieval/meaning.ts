/** What a search means, as an embedder sees it: the vector of its words, and those of the records. */
import type { Embedder } from "./embedder.ts";
import type { EmbeddedFile, MemoryIndex } from "./memory-index.ts";
import { inOrder, wordsIn } from "./unit.ts";
import { vectorKey, type VectorStore } from "./vector-store.ts";

export interface Meaning {
  readonly query: Float32Array;
  readonly vectorOf: (key: string) => Float32Array | undefined;
  /** That are searched. */
  readonly files: readonly EmbeddedFile[];
}

/** An embedder with all that it is asked for. */
export interface Embedding {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  /** Some models want to be told which of both a text is. */
  readonly prefixes: { readonly query: string; readonly record: string };
  readonly signal: AbortSignal;
  /** Files of records that are embedded at most for one search; those that are left have no vector yet. */
  readonly most: number;
}

export type Meant =
  /** `without`: records that have no vector, and why. */
  | { readonly ok: true; readonly meaning: Meaning; readonly without: Without | null }
  | { readonly ok: false; readonly why: string };

interface Without {
  readonly records: number;
  readonly why: string;
}

/** Whatever has no vector yet is embedded, once ever. */
export function meaningOf(index: MemoryIndex, embedding: Embedding, asked: Asked): Promise<Meant> {
  return embedding.store.inTurn(() => meant(index, embedding, asked));
}

interface Asked {
  readonly text: string;
  readonly namespaces: readonly string[] | null;
}

async function meant(
  index: MemoryIndex,
  embedding: Embedding,
  { text, namespaces }: Asked,
): Promise<Meant> {
  const { store, prefixes } = embedding;
  const key = queryKey(text);
  const asked = await embed(embedding, [{ text: `${prefixes.query}${text}`, key }]);
  const query = store.get(key);
  if (query === undefined) return { ok: false, why: asked ?? "it gave nothing" };
  const files = await index.embedded(namespaces);
  const failed = await embedFiles(index, embedding, files);
  const records = files.flatMap(({ keys }) => keys).filter((one) => store.get(one) === undefined);
  const why = failed ?? "they are embedded by and by";
  const without = records.length === 0 ? null : { records: records.length, why };
  return { ok: true, meaning: { query, vectorOf: (one) => store.get(one), files }, without };
}

/** What is asked is kept beside what is remembered, but never taken for it. */
function queryKey(text: string): string {
  return vectorKey(`?${text}`);
}

/** Why it ended before its end; null: it has not. */
async function embedFiles(
  index: MemoryIndex,
  embedding: Embedding,
  files: readonly EmbeddedFile[],
): Promise<string | null> {
  const { store, prefixes, most, embedder } = embedding;
  const lacking = files.filter(({ keys }) => keys.some((key) => store.get(key) === undefined));
  // By path, so that it is the same ones everywhere.
  const paths = lacking.map(({ path }) => path).toSorted();
  for (let from = 0; from < Math.min(paths.length, most); from += embedder.atOnce) {
    const some = paths.slice(from, Math.min(from + embedder.atOnce, most));
    const records = inOrder(await index.records(some));
    const wanted = records.map((memory) => {
      const text = wordsIn(memory);
      return { text: `${prefixes.record}${text}`, key: vectorKey(text) };
    });
    const why = await embed(embedding, wanted);
    if (why !== null) return why;
  }
  return null;
}

/** A text as the embedder is given it, and under which key its vector is kept. */
interface Wanted {
  readonly text: string;
  readonly key: string;
}

/** Why not all have a vector now; null: they have. */
async function embed(
  { embedder, store, signal }: Embedding,
  wanted: readonly Wanted[],
): Promise<string | null> {
  const lacking = new Map(
    wanted.filter(({ key }) => store.get(key) === undefined).map((one) => [one.key, one.text]),
  );
  const all = [...lacking];
  for (let from = 0; from < all.length; from += embedder.atOnce) {
    const some = all.slice(from, from + embedder.atOnce);
    const texts = some.map(([, text]) => text);
    const made = await embedder.embed(texts, signal);
    if (!made.ok) return made.why;
    const { vectors } = made;
    const known = some.flatMap(([key], at) => {
      const vector = vectors[at];
      return vector === undefined ? [] : [[key, vector] as const];
    });
    await store.add(new Map(known));
  }
  return null;
}
