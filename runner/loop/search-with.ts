/** A search with what an embedder says of it, where there is one that answers; without, by words alone, and why. */
import type { MemoryIndex } from "#runner/retrieval/memory-index.ts";
import type { Meaning } from "#runner/retrieval/meaning.ts";
import { ANALYZER } from "#runner/retrieval/analyzer.ts";
import { RANKER } from "#runner/retrieval/weights.ts";
import type { OpenedEmbedder } from "./open-embedder.ts";

/** Which rules answered: recorded and printed beside an answer. */
const RANKED_BY = `${RANKER}/${ANALYZER}`;

export interface SearchedWith {
  readonly meaning?: Meaning;
  /** The rules, and the embedder where it had its say. */
  readonly ranker: string;
  /** Why the embedder had no say, or not about all; null where it had, or there is none. */
  readonly withoutVectors: string | null;
}

const BY_WORDS: SearchedWith = { ranker: RANKED_BY, withoutVectors: null };

export async function searchedWith(
  index: MemoryIndex,
  opened: OpenedEmbedder | null,
  asked: { readonly text: string; readonly namespaces: readonly string[] | null },
): Promise<SearchedWith> {
  if (opened === null || asked.text === "") return BY_WORDS;
  if (opened.kind === "without") return { ...BY_WORDS, withoutVectors: opened.why };
  const { meaningOf } = await import("#runner/retrieval/meaning.ts");
  const { embedding } = opened;
  const meant = await meaningOf(index, embedding, asked);
  if (!meant.ok) return { ...BY_WORDS, withoutVectors: meant.why };
  const { meaning, without } = meant;
  return {
    meaning,
    ranker: `${RANKED_BY}/${embedding.embedder.id}`,
    withoutVectors:
      without === null ? null : `${without.records} records have no vector yet: ${without.why}`,
  };
}
