/** A company that pays, writes to whom it paid, and keeps a log; payments can be taken back, mails cannot. */
import { agent, pipeline, project, settings } from "./company.ts";
import type { FileTexts } from "./git-repo.ts";
import { type Casting, type Play, Rehearsal } from "./rehearsal.ts";

type Manifest = Readonly<Record<string, unknown>>;

interface Changes {
  readonly refunder?: Manifest;
  readonly steps?: readonly Manifest[];
  readonly settings?: Manifest;
}

export const PAYMENT_STEPS: readonly Manifest[] = [
  { id: "find", agent: "finder" },
  {
    id: "pay",
    agent: "payer",
    forEach: "${{ steps.find.outputs.people }}",
    itemKey: "${{ item.name }}",
    with: { to: "${{ item.name }}" },
    once: { key: "payment/${{ item.name }}" },
    compensate: {
      agent: "refunder",
      with: { payment: "${{ receipt.id }}", to: "${{ inputs.to }}", item: "${{ item.name }}" },
    },
  },
  {
    id: "tell",
    agent: "sender",
    needs: ["pay"],
    once: { key: "told/${{ run.id }}" },
    compensate: { none: "a sent mail cannot be recalled" },
  },
  { id: "log", agent: "scribe", needs: ["tell"] },
];

function paymentCompany(changes: Changes = {}): FileTexts {
  const person = { type: "object", required: ["name"], properties: { name: { type: "string" } } };
  const people = { people: { type: "array", items: person } };
  const to = { type: "object", required: ["to"], properties: { to: { type: "string" } } };
  return {
    ...settings(changes.settings),
    ...project("shop"),
    ...agent("finder", {
      outputs: { type: "object", required: ["people"], properties: people },
    }),
    ...agent("payer", { effects: "external", idempotency: "native", inputs: to }),
    ...agent("refunder", { effects: "external", idempotency: "native", ...changes.refunder }),
    ...agent("sender", { effects: "external", idempotency: "native" }),
    ...agent("scribe", { writes: ["${{ project.dir }}/sent.txt"] }),
    ...pipeline("shop/pay", changes.steps ?? PAYMENT_STEPS),
  };
}

const PLAYS: Readonly<Record<string, Play>> = {
  finder: () => ({ outputs: { people: [{ name: "ann" }, { name: "bob" }] } }),
  payer: ({ inputs }) => ({ receipt: { id: `p-${String(inputs["to"])}` } }),
  refunder: () => ({}),
  sender: () => ({}),
  scribe: () => ({ outcome: "missing-data", reason: "no log yet", outputs: null }),
};

/** With a run of `shop/pay` asked for, whose last step will fail. */
export async function paymentShop(
  changes: Changes = {},
  casting: Partial<Casting> = {},
): Promise<Rehearsal> {
  const shop = new Rehearsal({ files: paymentCompany(changes), plays: PLAYS, ...casting });
  await shop.request("shop/pay");
  return shop;
}

/** What was given to whoever takes payments back, in order. */
export function refunds({ calls }: Rehearsal): readonly unknown[] {
  return calls.filter(({ agent: { name } }) => name === "refunder").map(({ inputs }) => inputs);
}
