/** How a program finds the models that it may ask: as their own clients expect it, and for all of them in one variable. */
import type { ModelSettings, Outcome } from "#runner/schema/types.gen.ts";
import type { DoorRefusal, ModelDoor } from "./model-door.ts";
import { wayTo } from "./model-way.ts";
import type { RungCall } from "./rung-result.ts";

type Variables = Readonly<Record<string, string>>;

export interface Asking {
  readonly ok: true;
  readonly variables: Variables;
  /** Whether there is anything that may be asked. */
  readonly hasDoor: boolean;
  /** What was refused since the program was given its way. */
  readonly refusals: () => readonly DoorRefusal[];
}

export type ModelEnvironment =
  | Asking
  | { readonly ok: false; readonly outcome: Outcome; readonly reason: string };

/** Names of the variables that clients of a provider read: the address, and the key. */
const NAMES: Readonly<Record<ModelSettings["provider"], readonly [url: string, key: string]>> = {
  anthropic: ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"],
  openai: ["OPENAI_BASE_URL", "OPENAI_API_KEY"],
  "openai-compatible": ["OPENAI_BASE_URL", "OPENAI_API_KEY"],
  google: ["GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"],
};

/** The first model that cannot be asked is why none can; of two for one client, the first counts. */
export async function modelEnvironment(
  models: readonly string[],
  call: RungCall,
): Promise<ModelEnvironment> {
  const variables = new Map<string, string>();
  const all: Record<string, object> = {};
  let door: ModelDoor | null = null;
  for (const name of models) {
    const way = await wayTo(name, call);
    if (!way.ok) return way;
    const { settings, baseUrl } = way;
    const [url, key] = NAMES[settings.provider];
    if (!variables.has(url)) variables.set(url, baseUrl).set(key, way.door.token);
    all[name] = { provider: settings.provider, model: settings.model, baseUrl };
    door = way.door;
  }
  if (door !== null) {
    variables.set("FETTLE_MODELS", JSON.stringify(all)).set("FETTLE_MODEL_KEY", door.token);
  }
  const before = door?.refusals().length ?? 0;
  const refusals = (): readonly DoorRefusal[] => door?.refusals().slice(before) ?? [];
  return { ok: true, variables: Object.fromEntries(variables), hasDoor: door !== null, refusals };
}
