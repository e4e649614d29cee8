import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileExpression } from "#runner/core/expression/expression.ts";
import { FUNCTIONS } from "#runner/core/expression/expression-function.ts";
import { valueTypeOf } from "#runner/core/expression/value-type.ts";

const page = readFileSync(new URL("../../docs/expressions.md", import.meta.url), "utf8");
const values: Record<string, unknown> = JSON.parse(fences("json").join(""));

const receipt = { type: "object", required: ["id"], properties: { id: { type: "integer" } } };
const scope = {
  params: valueTypeOf(objectOf({ minDays: { type: "integer" } })),
  project: valueTypeOf(objectOf({ dir: { type: "string" } })),
  item: valueTypeOf({
    type: "object",
    required: ["number", "client", "amount", "due", "paidOn", "tags"],
    properties: {
      number: { type: "string" },
      client: { type: "string" },
      amount: { type: "number" },
      due: { type: "string" },
      paidOn: { type: ["string", "null"] },
      tags: { type: "array", items: { type: "string" } },
      note: { type: "string" },
    },
  }),
  steps: valueTypeOf(
    objectOf({
      find: objectOf({
        outputs: objectOf({
          overdue: {
            type: "array",
            items: objectOf({ number: { type: "string" }, days: { type: "integer" } }),
          },
        }),
      }),
      send: objectOf({
        items: {
          type: "array",
          items: {
            type: "object",
            required: ["key", "outcome"],
            properties: { key: { type: "string" }, outcome: { type: "string" }, receipt },
          },
        },
      }),
    }),
  ),
  action: valueTypeOf(
    objectOf({ effects: { type: "string" }, taint: { type: "array", items: { type: "string" } } }),
  ),
  trigger: valueTypeOf(objectOf({ payload: {} })),
};

const examples = fences("cel")
  .flatMap((block) => block.trimEnd().split("\n"))
  .map((line) => /^(?<source>.*?) +\/\/ (?<result>.*)$/.exec(line)?.groups ?? { source: line });

const refusals = examples.flatMap(({ source = "", result = "" }) => {
  const [, kind = "", message = ""] = /^(error|hold): (.*)$/.exec(result) ?? [];
  return kind === "" ? [] : [{ source, kind, message }];
});
const results = examples.filter(({ result = "" }) => !/^(error|hold): /.test(result));

test.for(results)("the page's example $source gives $result", ({ source = "", result = "" }) => {
  expect(outcome(source)).toEqual({ value: JSON.parse(result) });
});

test.for(refusals)("the page's example $source is refused: $message", (refusal) => {
  const { source, kind, message } = refusal;

  expect(outcome(source)).toEqual({ [kind]: expect.stringContaining(message) });
});

test("the page has an example of every function", () => {
  const sources = examples.map(({ source }) => source).join("\n");

  const missing = [...FUNCTIONS.keys()].filter((name) => !sources.includes(`${name}(`));

  expect(missing).toEqual([]);
});

function outcome(source: string): unknown {
  const compiled = compileExpression(source, scope);
  if (!compiled.ok) return { error: compiled.errors.map(({ message }) => message).join("\n") };
  const result = compiled.evaluate(values);
  return result.ok ? { value: result.value } : { hold: result.reason };
}

function objectOf(properties: Record<string, unknown>): unknown {
  return { type: "object", required: Object.keys(properties), properties };
}

function fences(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms");
  return [...page.matchAll(fence)].map(([, body = ""]) => body);
}
