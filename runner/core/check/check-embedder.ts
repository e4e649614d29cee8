/** `memory.embedder` of fettle.yaml: exactly one way to vectors, and one that is there. */
import { entryOf } from "#runner/core/entry.ts";
import { type Found, nameHint, pointer } from "./check-finding.ts";
import type { EmbedderSettings, Workspace } from "#runner/schema/types.gen.ts";

const WAYS = ["model", "ollama", "transformers"] as const;

export function checkEmbedder({ memory, models = {} }: Workspace): readonly Found[] {
  const embedder = memory?.embedder;
  if (embedder === undefined) return [];
  const at = pointer("memory", "embedder");
  const named = WAYS.filter((way) => embedder[way] !== undefined);
  if (named.length !== 1) {
    const message = `an embedder has exactly one of ${WAYS.join(", ")}`;
    const hint = "such as embedder: { ollama: nomic-embed-text }";
    return [{ code: "memory/embedder", pointer: at, part: "key", message, hint }];
  }
  if (embedder.url !== undefined && embedder.ollama === undefined) {
    const message = "url is where Ollama listens; a model has its baseUrl under models";
    return [{ code: "memory/embedder", pointer: pointer("memory", "embedder", "url"), message }];
  }
  return checkModel(embedder, models);
}

function checkModel(
  { model }: EmbedderSettings,
  models: NonNullable<Workspace["models"]>,
): readonly Found[] {
  if (model === undefined) return [];
  const at = pointer("memory", "embedder", "model");
  const settings = entryOf(models, model);
  if (settings === undefined) {
    const names = Object.keys(models);
    const message = `fettle.yaml has no model ${model}`;
    return [{ code: "ref/model", pointer: at, message, hint: nameHint(model, names) }];
  }
  if (settings.provider.startsWith("openai")) return [];
  const message = `${settings.provider} has no embeddings that fettle can ask for`;
  const hint = "a model of provider openai or openai-compatible";
  return [{ code: "memory/embedder", pointer: at, message, hint }];
}
