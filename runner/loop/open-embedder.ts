/** The embedder of fettle.yaml, opened with what it may take; memory is found without one too. */
import { dirname } from "node:path";
import { entryOf } from "#runner/core/entry.ts";
import type { GrantPlan } from "#runner/core/action.ts";
import type { Workspace } from "#runner/core/model.ts";
import type { Embedder } from "#runner/retrieval/embedder.ts";
import type { VectorStore } from "#runner/retrieval/vector-store.ts";
import type { Embedding } from "#runner/retrieval/meaning.ts";
import type { DoorAsked, Toll } from "#runner/runtimes/model-door.ts";
import type { EmbedderSettings, Workspace as Settings } from "#runner/schema/types.gen.ts";
import type { Engine } from "./engine.ts";
import { vectorFolder } from "./open-memory.ts";

export interface Purse {
  /** Absent: it may ask nobody who counts. */
  readonly grant?: GrantPlan;
  readonly hold?: DoorAsked["hold"];
  readonly signal: AbortSignal;
  /** Files of records that are embedded for one search, at most. */
  readonly most: number;
}

/** Whoever looks may ask what is free: money is granted to steps. */
export const NOTHING_GRANTED: GrantPlan = { micros: 0, tokens: null, requests: null, ms: 0 };

export type OpenedEmbedder =
  | {
      readonly kind: "open";
      readonly embedding: Embedding;
      /** What it took; null where nobody counts it, because it is free. */
      readonly close: () => Promise<Toll | null>;
    }
  | { readonly kind: "without"; readonly why: string };

type Shop = Pick<Engine, "repository" | "openDoor" | "secretValues">;

/** All that the vectors depend on; null: fettle.yaml has no embedder. */
export function embedderId({ settings }: Workspace): string | null {
  const embedder = settings.memory?.embedder;
  if (embedder === undefined) return null;
  const { queryPrefix = "", recordPrefix = "" } = embedder;
  const prefixes =
    queryPrefix + recordPrefix === "" ? "" : JSON.stringify([queryPrefix, recordPrefix]);
  return `${wayOf(embedder, settings)}${prefixes}`;
}

function wayOf(
  { model, ollama, transformers = "" }: EmbedderSettings,
  { models }: Settings,
): string {
  if (ollama !== undefined) return `ollama:${ollama}`;
  if (model === undefined) return `transformers:${transformers}`;
  const place = entryOf(models, model);
  return place === undefined
    ? `model:${model}`
    : `${place.baseUrl ?? place.provider}:${place.model}`;
}

/** Asks nobody anything yet. */
export async function openEmbedder(
  shop: Shop,
  workspace: Workspace,
  purse: Purse,
): Promise<OpenedEmbedder | null> {
  const settings = workspace.settings.memory?.embedder;
  const id = embedderId(workspace);
  if (settings === undefined || id === null) return null;
  const store = await storeOf(shop, id);
  const { queryPrefix: query = "", recordPrefix: record = "" } = settings;
  const rest = { store, prefixes: { query, record }, signal: purse.signal, most: purse.most };
  const free = await freeEmbedder(shop, settings, id);
  if (free !== null) {
    return { kind: "open", embedding: { embedder: free, ...rest }, close: async () => null };
  }
  const { model = "" } = settings;
  const way = await throughGateway(shop, workspace, { model, purse });
  if (!way.ok) return { kind: "without", why: way.why };
  const { openAiEmbedder } = await import("#runner/retrieval/embedder-openai.ts");
  const embedder = openAiEmbedder({ ...way, id });
  return { kind: "open", embedding: { embedder, ...rest }, close: way.close };
}

const stores = new WeakMap<Engine["repository"], Map<string, Promise<VectorStore>>>();

/** Steps that begin at once share it. */
function storeOf({ repository }: Shop, id: string): Promise<VectorStore> {
  const known = stores.get(repository) ?? new Map<string, Promise<VectorStore>>();
  stores.set(repository, known);
  const store = known.get(id) ?? openStore(repository, id);
  known.set(id, store);
  return store;
}

async function openStore(repository: Engine["repository"], id: string): Promise<VectorStore> {
  const library = await import("#runner/retrieval/vector-store.ts");
  return library.VectorStore.open(vectorFolder({ repository }), id);
}

const OLLAMA = "http://127.0.0.1:11434";

/** On this machine, where nobody is paid. */
async function freeEmbedder(
  { repository }: Shop,
  { ollama, transformers, url = OLLAMA }: EmbedderSettings,
  id: string,
): Promise<Embedder | null> {
  if (ollama !== undefined) {
    const { ollamaEmbedder } = await import("#runner/retrieval/embedder-ollama.ts");
    return ollamaEmbedder({ url, model: ollama, id });
  }
  if (transformers === undefined) return null;
  const { transformersEmbedder } = await import("#runner/retrieval/embedder-transformers.ts");
  const folder = repository.topLevel ?? dirname(repository.commonDir);
  return transformersEmbedder({ from: [folder], model: transformers, id });
}

type Way =
  | {
      readonly ok: true;
      readonly baseUrl: string;
      readonly token: string;
      readonly model: string;
      readonly close: () => Promise<Toll>;
    }
  | { readonly ok: false; readonly why: string };

const PATIENCE_MS = 600_000;

/** What it costs is counted and limited there, and the key is put in there. */
async function throughGateway(
  { openDoor, secretValues }: Shop,
  workspace: Workspace,
  {
    model,
    purse: { grant, signal, hold = () => {} },
  }: { readonly model: string; readonly purse: Purse },
): Promise<Way> {
  const { models = {} } = workspace.settings;
  const settings = entryOf(models, model);
  if (settings === undefined) return { ok: false, why: `fettle.yaml has no model ${model}` };
  const secrets = secretValues(workspace);
  const { key } = settings;
  if (key !== undefined && entryOf(secrets, key) === undefined) {
    return { ok: false, why: `the secret ${key} is not set` };
  }
  if (grant === undefined)
    return { ok: false, why: "the step asks no model, so it may pay for none" };
  const guest = { grant, commit: workspace.commit, models, secrets, agent: { name: model } };
  const asked = { models: [model], signal, hold, remainingMs: PATIENCE_MS };
  const opened = await openDoor(guest, asked);
  if (!opened.ok) return { ok: false, why: opened.reason };
  const { door } = opened;
  return {
    ok: true,
    baseUrl: door.urlFor(model),
    token: door.token,
    model: settings.model,
    close: () => door.close(),
  };
}
