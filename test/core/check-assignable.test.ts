import { expect, test } from "vitest";
import { mismatches } from "#runner/core/check/check-assignable.ts";
import { valueTypeOf } from "#runner/core/expression/value-type.ts";

const wanted = valueTypeOf({
  type: "object",
  required: ["name"],
  properties: {
    name: { type: "string" },
    amount: { type: "number" },
    lines: {
      type: "array",
      items: { type: "object", required: ["n"], properties: { n: { type: "integer" } } },
    },
  },
});

function found(schema: object): readonly string[] {
  return mismatches(valueTypeOf(schema), wanted).map(
    ({ kind, path }) => `${kind} ${path.join(".")}`,
  );
}

const given = (properties: object): object => ({
  type: "object",
  required: Object.keys(properties),
  properties,
});

test.each([
  [given({ name: { type: "string" } }), []],
  [given({}), ["missing name"]],
  [given({ name: { type: "integer" } }), ["type name"]],
  [given({ name: {}, amount: { type: "integer" } }), []],
  [given({ name: {}, lines: { type: "array", items: given({}) } }), ["missing lines.n"]],
  [
    given({ name: {}, lines: { type: "array", items: given({ n: { type: "number" } }) } }),
    ["type lines.n"],
  ],
  [given({ name: {}, other: {} }), ["unknown other"]],
  [{ type: "object" }, []],
  [{}, []],
  [{ type: "string" }, ["type "]],
])("%j", (schema, expected) => {
  expect(found(schema)).toEqual(expected);
});
