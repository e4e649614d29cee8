/** A shop whose writer asks a model for each of a dozen letters, below the caps that a test gives. */
import type { Hold } from "#runner/core/action.ts";
import type { Money } from "#runner/schema/types.gen.ts";
import { agent, pipeline, project, settings } from "./company.ts";
import { type Play, Rehearsal } from "./rehearsal.ts";

export const ITEMS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const MODELS = {
  big: { provider: "anthropic", model: "large", key: "KEY" },
  own: {
    provider: "openai-compatible",
    baseUrl: "http://127.0.0.1:9/v1",
    model: "s",
    price: "zero",
  },
};
export const STEPS = [
  {
    id: "write",
    agent: "writer",
    forEach: `\${{ [${ITEMS.map((item) => `'${item}'`).join(", ")}] }}`,
    itemKey: "${{ item }}",
  },
];
export const WRITER = "shop/letters/writer";

interface Shop {
  readonly play: Play;
  readonly workspace?: readonly object[];
  readonly project?: readonly object[];
  readonly pipeline?: readonly object[];
  readonly agent?: readonly object[];
  readonly fallback?: readonly object[];
  readonly limits?: object;
  readonly step?: object;
  readonly slo?: object;
}

export function shop(of: Shop): Rehearsal {
  const { fallback } = of;
  const models = { models: MODELS, secrets: { KEY: { env: "KEY" } } };
  return new Rehearsal({
    files: {
      ...settings({ ...models, timezone: "Europe/Berlin", budget: of.workspace ?? [] }),
      ...project("shop", { budget: of.project ?? [] }),
      ...agent("writer", {
        runtime: { model: "big", ...(fallback === undefined ? {} : { fallback }) },
        limits: of.limits ?? { usd: 0.1, wall: "1m" },
        budget: of.agent ?? [],
      }),
      ...pipeline(
        "shop/letters",
        STEPS.map((step) => ({ ...step, ...of.step })),
        { budget: of.pipeline ?? [], ...(of.slo && { slo: of.slo }) },
      ),
    },
    plays: { writer: of.play },
  });
}

export function paying(micros: number, tokens = 100): Play {
  return () => ({ spend: { micros, tokens, requests: 1, basis: "metered", models: {} } });
}

export async function run(of: Rehearsal): Promise<readonly Hold[]> {
  await of.request("shop/letters");
  return budgetHolds(of);
}

export async function budgetHolds(of: Rehearsal): Promise<readonly Hold[]> {
  const { holds } = await of.tick();
  return holds.filter(({ reason }) => reason.startsWith("budget"));
}

export async function money(of: Rehearsal): Promise<Money | undefined> {
  const { observed } = await of.look();
  return observed.summaries.workspace.money;
}
