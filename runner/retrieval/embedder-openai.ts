/** Vectors of a server that speaks as OpenAI's embeddings API does: https://platform.openai.com/docs/api-reference/embeddings */
import { askEmbedder } from "./ask-embedder.ts";
import { type Embedded, type Embedder, vectorsFrom } from "./embedder.ts";

interface Place {
  /** With `/v1`: of the gateway, which counts, limits and puts the key in. */
  readonly baseUrl: string;
  readonly token: string;
  readonly model: string;
  readonly id: string;
}

const TEXTS = 64;

export function openAiEmbedder({ baseUrl, token, model, id }: Place): Embedder {
  return {
    id,
    atOnce: TEXTS,
    embed: async (texts, signal) => {
      const body = { model, input: texts, encoding_format: "float" };
      const asked = await askEmbedder({ url: `${baseUrl}/embeddings`, body, token, signal });
      return asked.ok ? inOrder(asked.answer, texts.length) : asked;
    },
  };
}

/** Each vector says which text it is of. */
function inOrder(answer: object, texts: number): Embedded {
  const data = "data" in answer && Array.isArray(answer.data) ? answer.data : [];
  const lists: unknown[] = [];
  for (const [at, one] of data.entries()) {
    const item: unknown = one;
    if (typeof item !== "object" || item === null || !("embedding" in item)) continue;
    lists["index" in item && typeof item.index === "number" ? item.index : at] = item.embedding;
  }
  return vectorsFrom(lists, texts);
}
