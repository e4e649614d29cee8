import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resolveFiles, shippedMailer, spell } from "../support/fixture-workspace.ts";

const page = readFileSync("docs/pipelines.md", "utf8");
const blocks = [...page.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)].map(
  ([, path = "", text = ""]) => [path, text] as const,
);

test("every pipeline on the page is valid with the mailer of a new company; only the mail without a gate is warned of", () => {
  const resolved = resolveFiles({ ...shippedMailer(), ...Object.fromEntries(blocks) });

  expect(resolved.violations.map(spell)).toEqual([
    expect.stringContaining("guarded.yaml:6:5 step tell acts on the outside world, and no gate"),
    expect.stringContaining("step tell and step send of pipeline remind may write the same path"),
  ]);
  expect([...(resolved.projects.get("studio")?.pipelines.keys() ?? [])]).toEqual(
    expect.arrayContaining([
      "remind",
      "follow-up",
      "offer",
      "settle",
      "inbox",
      "handle",
      "guarded",
    ]),
  );
});

test("the page shows every kind of step and every key of a step", () => {
  const schema = JSON.parse(readFileSync("schemas/pipeline.schema.json", "utf8"));
  const shown = blocks.map(([, text]) => text).join("\n");
  const keys = ["agentStep", "gateStep", "askStep", "waitStep", "pipelineStep"].flatMap((kind) =>
    Object.keys(schema.definitions[kind].properties),
  );

  expect(keys.filter((key) => !new RegExp(`\\b${key}:`).test(shown))).toEqual([]);
});
