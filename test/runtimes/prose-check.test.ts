import { expect, test } from "vitest";
import { checkProse, proseFiles } from "#runner/runtimes/prose-check.ts";
import type { Agent } from "#runner/schema/types.gen.ts";
import { agent } from "../support/core-builders.ts";

const INPUTS = {
  type: "object",
  properties: {
    name: { type: "string" },
    note: { type: ["object", "null"], properties: { by: { type: "string" } } },
    lines: {
      type: "array",
      items: { type: "object", properties: { price: { $ref: "money.schema.json" } } },
    },
    more: { type: "object", additionalProperties: true, properties: {} },
  },
};
const DEFINITIONS = {
  "money.schema.json": { type: "object", properties: { amount: { type: "integer" } } },
};

function problems(template: string): readonly string[] {
  const { manifest } = agent("writer", { inputs: INPUTS });
  return checkProse(template, manifest, DEFINITIONS).map(
    ({ line, col, endCol, message, hint }) =>
      `${line}:${col}-${endCol} ${message}${hint === "" ? "" : ` (${hint})`}`,
  );
}

test.each([
  "{{inputs.name}} {{inputs.name.length}} {{asOf}} {{project.dir}} {{project.name}}",
  "{{#each inputs.lines}}{{@index}} {{price.amount}} {{this.price}}{{/each}} {{inputs.lines.0.price.amount}}",
  "{{#each inputs.lines as |row|}}{{row.price.amount}} {{../inputs.name}}{{/each}}",
  "{{#each memory}}{{told}} {{id}} {{attribute}}{{else}}{{inputs.name}}{{/each}} {{memory.length}}",
  "{{inputs.more.of.anything}} {{inputs.note.whatever}} {{#each inputs}}{{this.x}}{{/each}}",
  "{{json inputs}} {{#if (eq inputs.name 'Ada')}}x{{/if}}",
])("%s names what there is", (template) => {
  expect(problems(template)).toEqual([]);
});

test.each([
  ["Dear {{inputs.nmae}},", ["1:8-19 inputs has no nmae (did you mean name?)"]],
  [
    "a\n  {{params.x}}",
    ["2:5-13 a prompt has no params (known here: inputs, memory, feedback, asOf, project)"],
  ],
  ["{{inputs.name.first}}", ["1:3-20 inputs.name has no first"]],
  [
    "{{#each inputs.lines}}\n{{price.amuont}}{{/each}}",
    ["2:3-15 inputs.lines[].price has no amuont (did you mean amount?)"],
  ],
  ["{{inputs.lines.price}}", ["1:3-21 inputs.lines has no price (known here: length)"]],
  [
    "{{#if inputs.old}}x{{/if}}",
    ["1:7-17 inputs has no old (known here: name, note, lines, more)"],
  ],
  ["{{json memory.text}}", ["1:8-19 memory has no text (known here: length)"]],
])("%s is told with its place", (template, expected) => {
  expect(problems(template)).toEqual(expected);
});

test("what is no template is told with its line", () => {
  expect(problems("fine\n{{#each x}}\n{{> part}}{{/each}}")[0]).toMatch(
    /^3:1-2 partials are not supported/u,
  );
  expect(problems("fine\n\n{{#if}")[0]).toMatch(/^3:1-2 Parse error/u);
});

test("each file that is rendered is named once", () => {
  const runtime: Agent["runtime"] = {
    model: "big",
    prompt: "prompt.md",
    fallback: [
      { codingAgent: "claude", model: "big", prompt: "prompt.md" },
      { template: { subject: "subject.hbs", body: "body.hbs" } },
      { command: ["true"] },
      { model: "small" },
    ],
  };

  expect(proseFiles(agent("writer", { runtime }).manifest)).toEqual([
    "prompt.md",
    "subject.hbs",
    "body.hbs",
  ]);
});
