/** Vectors of an Ollama on this machine: https://github.com/ollama/ollama/blob/main/docs/api.md */
import { askEmbedder } from "./ask-embedder.ts";
import { type Embedder, vectorsFrom } from "./embedder.ts";

const TEXTS = 64;

export function ollamaEmbedder(place: {
  readonly url: string;
  readonly model: string;
  readonly id: string;
}): Embedder {
  return {
    id: place.id,
    atOnce: TEXTS,
    embed: async (texts, signal) => {
      const body = { model: place.model, input: texts };
      const asked = await askEmbedder({ url: `${place.url}/api/embed`, body, signal });
      if (!asked.ok) return asked;
      const { answer } = asked;
      return vectorsFrom("embeddings" in answer ? answer.embeddings : null, texts.length);
    },
  };
}
