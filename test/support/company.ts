/** Manifests of small companies: JSON is YAML. */
import type { FileTexts } from "./git-repo.ts";
import { ADA } from "./rehearsal.ts";

type Manifest = Readonly<Record<string, unknown>>;

const ANY = { type: "object" };

export function settings(more: Manifest = {}): FileTexts {
  return manifest("fettle.yaml", { operators: [{ email: ADA }], ...more });
}

export function project(name: string, more: Manifest = {}): FileTexts {
  return manifest(`projects/${name}/project.yaml`, { summary: `What ${name} is for.`, ...more });
}

/** `name` is `project/pipeline`. */
export function pipeline(name: string, steps: readonly Manifest[], more: Manifest = {}): FileTexts {
  const [owner, own] = name.split("/");
  return manifest(`projects/${owner}/pipelines/${own}.yaml`, { ...more, steps });
}

/** An agent that takes and gives any object. */
export function agent(name: string, more: Manifest = {}): FileTexts {
  return manifest(`agents/${name}/agent.yaml`, {
    version: "1.0.0",
    role: `Is the ${name}.`,
    runtime: { command: ["sh", `agents/${name}/main.sh`] },
    inputs: ANY,
    outputs: ANY,
    limits: { usd: 0, wall: "1m" },
    ...more,
  });
}

function manifest(path: string, content: Manifest): FileTexts {
  return { [path]: `${JSON.stringify({ apiVersion: "fettle/v1", ...content }, null, 2)}\n` };
}

/** One pipeline, `shop/note`, whose only agent, the scribe, may write anything in the project's folder. */
export function noteCompany(triggers: Manifest = {}): FileTexts {
  return {
    ...settings(),
    ...project("shop"),
    ...agent("scribe", { writes: ["${{ project.dir }}/**"] }),
    ...pipeline("shop/note", [{ id: "write", agent: "scribe" }], { triggers }),
  };
}

/** The steps of `shop/mail`: who is written to, a draft for each, a gate, the mails, the log. */
export const MAIL_STEPS: readonly Manifest[] = [
  { id: "find", agent: "finder" },
  {
    id: "draft",
    agent: "writer",
    forEach: "${{ steps.find.outputs.people }}",
    itemKey: "${{ item.name }}",
    with: { name: "${{ item.name }}" },
  },
  {
    id: "review",
    gate: "Send the mails",
    ask: "always",
    show: { mails: "${{ steps.draft.items }}" },
    answerBy: "2d",
    onExpire: "reject",
  },
  {
    id: "send",
    agent: "sender",
    forEach: "${{ steps.review.approved.mails }}",
    itemKey: "${{ item.key }}",
    with: { to: "${{ item.key }}", text: "${{ item.outputs.text }}" },
    once: { key: "mail/${{ item.key }}", every: "7d", max: 2 },
    compensate: { none: "a sent mail cannot be recalled" },
  },
  { id: "log", agent: "scribe", with: { sent: "${{ steps.send.items }}" } },
];

/** One pipeline, `shop/mail`, with an external effect behind a gate. */
export function mailCompany(idempotency: "native" | "probe" | "none" = "native"): FileTexts {
  const person = { type: "object", required: ["name"], properties: { name: { type: "string" } } };
  const people = { people: { type: "array", items: person } };
  const text = { type: "string", minLength: 3 };
  return {
    ...settings(),
    ...project("shop"),
    ...agent("finder", { outputs: { ...ANY, required: ["people"], properties: people } }),
    ...agent("writer", {
      outputs: { ...ANY, required: ["text"], properties: { text }, additionalProperties: false },
    }),
    ...agent("sender", { effects: "external", idempotency }),
    ...agent("scribe", { writes: ["${{ project.dir }}/sent.txt"] }),
    ...pipeline("shop/mail", MAIL_STEPS),
  };
}
