/** Whether a model can be asked, and where. */
import { entryOf } from "#runner/core/entry.ts";
import type { ModelSettings, Outcome } from "#runner/schema/types.gen.ts";
import type { Invocation } from "./invocation.ts";
import type { ModelDoor } from "./model-door.ts";
import type { RungCall } from "./rung-result.ts";

export type ModelWay =
  | {
      readonly ok: true;
      readonly settings: ModelSettings;
      readonly baseUrl: string;
      readonly door: ModelDoor;
    }
  | { readonly ok: false; readonly outcome: Outcome; readonly reason: string };

/** Says at once what the door would say later: no settings, no key, nothing granted. */
export async function wayTo(name: string, { invocation, door }: RungCall): Promise<ModelWay> {
  const settings = entryOf(invocation.models, name);
  if (settings === undefined) {
    return refused("missing-tool", `fettle.yaml has no model ${name}`);
  }
  const poor = whyPoor(invocation.grant, settings.price);
  if (poor !== undefined) return refused("budget-exhausted", poor);
  const { key, provider, baseUrl } = settings;
  if (provider === "openai-compatible" && baseUrl === undefined) {
    return refused("missing-tool", `model ${name} of fettle.yaml has no baseUrl`);
  }
  const isKeyless = key !== undefined && entryOf(invocation.secrets, key) === undefined;
  if (isKeyless) return refused("auth", `no key ${key}`);
  const opened = await door.open();
  if (!opened.ok) return opened;
  return { ok: true, settings, baseUrl: opened.door.urlFor(name), door: opened.door };
}

/** Why the grant does not let a model of such a price be asked; undefined when it does. */
function whyPoor(grant: Invocation["grant"], price: ModelSettings["price"]): string | undefined {
  if (grant === undefined) return "it was granted nothing";
  const { micros, tokens, requests, short = "the caps leave nothing" } = grant;
  const isPaid = price !== "zero" && price !== "subscription";
  const isPoor = tokens === 0 || requests === 0 || (isPaid && micros === 0);
  return isPoor ? short : undefined;
}

function refused(outcome: Outcome, reason: string): ModelWay {
  return { ok: false, outcome, reason };
}
