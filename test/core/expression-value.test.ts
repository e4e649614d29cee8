import { expect, test } from "vitest";
import { compileValue } from "#runner/core/expression/expression-value.ts";
import { DYN, valueTypeOf } from "#runner/core/expression/value-type.ts";

const scope = {
  count: valueTypeOf({ type: "integer" }),
  item: valueTypeOf({
    type: "object",
    required: ["name", "note", "tags"],
    properties: {
      name: { type: "string" },
      note: { type: ["string", "null"] },
      tags: { type: "array", items: { type: "string" } },
    },
  }),
  data: DYN,
};
const values = { count: 3, item: { name: "a", note: null, tags: ["x"] }, data: [1] };

test("a string that is one expression keeps its type, any other is text", () => {
  const compiled = compileValue(
    {
      one: "${{ count }}",
      padded: " ${{ count }}",
      tags: ["${{ item.tags }}"],
      note: "${{ item.note }}",
      fixed: 1,
    },
    scope,
  );

  expect(compiled).toMatchObject({
    type: {
      kind: "object",
      open: false,
      fields: {
        one: { type: { kind: "int" } },
        padded: { type: { kind: "string" } },
        tags: { type: { kind: "list", of: { kind: "list", of: { kind: "string" } } } },
        note: { type: { kind: "string" }, nullable: true },
        fixed: { type: { kind: "int" } },
      },
    },
    references: [["count"], ["item", "tags"], ["item", "note"]],
  });
  expect(compiled.ok && compiled.evaluate(values)).toEqual({
    ok: true,
    value: { one: 3, padded: " 3", tags: [["x"]], note: null, fixed: 1 },
  });
});

test("strings, numbers and truth values are joined into text", () => {
  const compiled = compileValue(
    "${{ item.name }}-${{ count }}-${{ 2.5 }}-${{ count > 1 }} $${{",
    scope,
  );

  expect(compiled.ok && compiled.evaluate(values)).toEqual({ ok: true, value: "a-3-2.5-true ${{" });
});

test.for([
  ["tags: ${{ item.tags }}", "text cannot hold list of string"],
  ["item: ${{ item }}", "text cannot hold object"],
  ["note: ${{ item.note }}", "text cannot hold a value that may be null"],
  ["null: ${{ null }}", "text cannot hold"],
])("%s is refused", ([text, message]) => {
  expect(compileValue(text, scope)).toMatchObject({
    ok: false,
    errors: [{ message: expect.stringContaining(message ?? ""), path: [] }],
  });
});

test("undeclared parts of a text hold where they turn out not to be text", () => {
  const compiled = compileValue({ list: ["a: ${{ data }}"] }, scope);

  expect(compiled.ok && compiled.evaluate(values)).toEqual({
    ok: false,
    reason: "list: 0: text cannot hold list",
  });
});

test("errors carry the path inside the value and the place inside the string", () => {
  const compiled = compileValue(
    { a: [1, { b: "ab ${{ conut }}" }], c: "${{ count + }}", d: "${{ x" },
    scope,
  );

  expect(compiled).toMatchObject({
    ok: false,
    errors: [
      { path: ["a", 1, "b"], offset: 7, length: 5, suggestion: "count" },
      { path: ["c"], offset: expect.any(Number) },
      { path: ["d"], offset: 0 },
    ],
  });
});

test("a key named like a part of every object is an ordinary key", () => {
  const compiled = compileValue(JSON.parse('{"__proto__": "${{ count }}"}'), scope);

  expect(compiled.ok && compiled.evaluate(values)).toEqual({
    ok: true,
    value: Object.fromEntries([["__proto__", 3]]),
  });
});
