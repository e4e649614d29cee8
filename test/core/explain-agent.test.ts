import { expect, test } from "vitest";
import { explain } from "#runner/core/explain/explain.ts";
import { agent, EMPTY, project, workspace } from "../support/core-builders.ts";
import { emptyPlan } from "../report/example-plan.ts";

const KNOWN = { observed: EMPTY, plan: emptyPlan, closed: new Map() };

test("an agent tells its ladder, with what is asked on each rung, and its limits", () => {
  const runtime = {
    model: "default",
    fallback: [
      { codingAgent: "claude" as const, model: "gone", prompt: "prompt.md" },
      { template: { text: "text.hbs" } },
    ],
  };
  const limits = { usd: 0.0012, wall: "2m", requests: 3 };
  const asked = agent("asker", { runtime, limits });
  const models = { default: { provider: "anthropic" as const, model: "large", key: "KEY" } };
  const shop = project({ agents: [asked] });
  const explained = explain("asker", {
    ...KNOWN,
    workspace: workspace([shop], { settings: { models } }),
  });

  const { sections = [] } = explained.kind === "explained" ? explained.explanation : {};
  const facts = sections.flatMap((section) => section.facts);
  expect(facts).toEqual(
    expect.arrayContaining([
      { kind: "text", label: "first", text: "model default, default is anthropic/large" },
      {
        kind: "text",
        label: "fallback 1",
        text: "claude with model gone, gone is not in fettle.yaml",
      },
      { kind: "text", label: "fallback 2", text: "template" },
      { kind: "text", label: "money", text: "0.0012 USD" },
      { kind: "text", label: "requests", text: "3" },
      { kind: "text", label: "time", text: "2m" },
    ]),
  );
});
