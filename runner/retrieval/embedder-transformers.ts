/** Vectors made in this process by transformers.js, which the operator has installed: it is no part of fettle. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Embedded, type Embedder, vectorsFrom } from "./embedder.ts";

const PACKAGE = "@huggingface/transformers";
const TEXTS = 16;

interface Place {
  /** Folders whose packages may be used; the first that has it gives it. */
  readonly from: readonly string[];
  readonly model: string;
  readonly id: string;
}

/** Loads with the first text. */
export function transformersEmbedder({ from, model, id }: Place): Embedder {
  let loading: Promise<Extractor | string> | null = null;
  return {
    id,
    atOnce: TEXTS,
    embed: async (texts) => {
      loading ??= load(from, model);
      const extractor = await loading;
      if (typeof extractor === "string") return { ok: false, why: extractor };
      return extracted(extractor, texts);
    },
  };
}

type Extractor = (texts: readonly string[], options: object) => Promise<unknown>;

async function load(from: readonly string[], model: string): Promise<Extractor | string> {
  const [file] = from.flatMap(resolved);
  if (file === undefined) {
    return `${PACKAGE} is not installed: npm install ${PACKAGE} in ${from[0] ?? "."}`;
  }
  try {
    const module: unknown = await import(pathToFileURL(file).href);
    if (!hasPipeline(module)) return `${PACKAGE} has no pipeline: version 3 or newer is needed`;
    const extractor = await module.pipeline("feature-extraction", model);
    return isExtractor(extractor) ? extractor : `${model} makes no vectors`;
  } catch (error) {
    return `${model} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function resolved(folder: string): readonly string[] {
  try {
    return [createRequire(join(folder, "package.json")).resolve(PACKAGE)];
  } catch {
    return [];
  }
}

async function extracted(extractor: Extractor, texts: readonly string[]): Promise<Embedded> {
  try {
    const tensor = await extractor(texts, { pooling: "mean", normalize: true });
    return vectorsFrom(hasList(tensor) ? tensor.tolist() : null, texts.length);
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

interface Transformers {
  readonly pipeline: (what: string, model: string) => Promise<unknown>;
}

function hasPipeline(module: unknown): module is Transformers {
  return (
    typeof module === "object" &&
    module !== null &&
    "pipeline" in module &&
    typeof module.pipeline === "function"
  );
}

function isExtractor(value: unknown): value is Extractor {
  return typeof value === "function";
}

function hasList(value: unknown): value is { readonly tolist: () => unknown } {
  return (
    typeof value === "object" &&
    value !== null &&
    "tolist" in value &&
    typeof value.tolist === "function"
  );
}
