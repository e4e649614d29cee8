import { expect, test } from "vitest";
import { compileAgentSchema } from "#runner/schema/agent-schema.ts";
import { unsafePattern } from "#runner/schema/pattern-safety.ts";

const object = (properties: Record<string, unknown>): Record<string, unknown> => ({
  type: "object",
  additionalProperties: false,
  properties,
});

function check(schema: Record<string, unknown>, value: unknown): unknown {
  const compiled = compileAgentSchema(schema);
  return compiled.ok ? compiled.validate(value) : compiled.reason;
}

test("a value fits, or the first thing that does not is named by its path", async () => {
  const schema = object({ list: { type: "array", items: object({ n: { type: "integer" } }) } });

  expect(check(schema, { list: [{ n: 1 }] })).toEqual({ ok: true });
  expect(check(schema, { list: [{ n: 1 }, { n: "2" }] })).toEqual({
    ok: false,
    errors: [{ path: "/list/1/n", message: "must be integer" }],
  });
});

test.each([
  ["artifact", "projects/a/out.md", "../out.md"],
  ["artifact", "a.md", "/etc/passwd"],
  ["artifact", "a/b.md", "a//b.md"],
  ["date", "2028-02-29", "2026-02-29"],
  ["date-time", "2026-11-22T08:00:00Z", "2026-11-22T25:00:00Z"],
  ["date-time", "2026-11-22T08:00:00.5+01:00", "2026-13-22T08:00:00Z"],
  ["email", "ada@northwind.example", "ada"],
  ["uri", "https://example.com/a?b", "example.com"],
])("format %s takes %s and refuses %s", async (format, good, bad) => {
  const schema = object({ it: { type: "string", format } });

  expect(check(schema, { it: good })).toEqual({ ok: true });
  expect(check(schema, { it: bad })).toMatchObject({ ok: false });
});

test("a definition and a shared schema can be referred to, and nothing is fetched", async () => {
  const schema = object({ own: { $ref: "#/definitions/n" }, other: { $ref: "money.schema.json" } });
  const shared = { "money.schema.json": object({ minor: { type: "integer" } }) };

  const compiled = compileAgentSchema(
    { ...schema, definitions: { n: { type: "integer" } } },
    shared,
  );

  expect(compiled.ok && compiled.validate({ own: 1, other: { minor: 5 } })).toEqual({ ok: true });
  expect(compiled.ok && compiled.validate({ other: { minor: 0.5 } })).toMatchObject({ ok: false });
  expect(check(object({ x: { $ref: "https://example.com/x.json" } }), {})).toMatch(/can't resolve/);
});

test("references that go round in circles are a reason, not a crash", async () => {
  const schema = {
    ...object({ x: { $ref: "#/definitions/x" } }),
    definitions: { x: { $ref: "#/definitions/x" } },
  };

  expect(check(schema, {})).toEqual(expect.any(String));
});

test("a recursive schema is fine, a value without end in it is not", async () => {
  const schema = {
    ...object({ x: { $ref: "#/definitions/x" } }),
    definitions: { x: object({ x: { $ref: "#/definitions/x" } }) },
  };
  let deep: unknown = {};
  for (let level = 0; level < 20_000; level += 1) deep = { x: deep };

  expect(check(schema, { x: { x: { x: {} } } })).toEqual({ ok: true });
  expect(check(schema, deep)).toEqual({
    ok: false,
    errors: [{ path: "", message: "is nested more than 64 deep" }],
  });
});

test("a value of too many parts is refused before it is walked in full", async () => {
  const value = { list: Array.from({ length: 200_001 }, () => 1) };

  expect(check(object({ list: { type: "array" } }), value)).toMatchObject({
    errors: [{ message: "has more than 200000 parts" }],
  });
});

test("a schema of too many parts is refused", async () => {
  const fields = Array.from({ length: 600 }, (_, index) => [`f${index}`, { type: "string" }]);

  expect(check(object(Object.fromEntries(fields)), {})).toBe("has more than 500 parts");
});

test("$data is never followed", async () => {
  const schema = object({
    max: { type: "integer" },
    n: { type: "integer", maximum: { $data: "1/max" } },
  });

  expect(check(schema, { max: 1, n: 2 })).toMatch(/maximum value must be \["number"\]/);
});

test.each([
  [{ type: "object", properties: { a: 7 } }, "must be object,boolean"],
  [{ type: "object", properties: { a: { type: "string", minLength: -1 } } }, "must be >= 0"],
])("A shared schema that is none (%j) is refused: nobody has judged it before.", (bad, why) => {
  const schema = object({ it: { $ref: "bad.schema.json" } });

  const compiled = compileAgentSchema(schema, { "bad.schema.json": bad });

  expect(compiled).toMatchObject({ ok: false, reason: expect.stringContaining(why) });
});

test("A schema of any draft is read as one of draft-07.", () => {
  const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" };

  expect(check(schema, {})).toEqual({ ok: true });
});

test("a pattern that would backtrack for hours ends at once", async () => {
  const schema = object({ text: { type: "string", pattern: "^(a+)+$" } });

  expect(check(schema, { text: `${"a".repeat(60)}!` })).toMatchObject({ ok: false });
});

test.each([
  ["(?=a)b", "looks around"],
  ["(?<!a)b", "looks around"],
  ["(a)\\1", "refers back"],
  ["(?<n>a)\\k<n>", "refers back"],
  ["^(a{1,30}){1,30}$", "repeats a repetition"],
  [`${"a?".repeat(20)}a{20}`, "repeats a repetition"],
  ["\\p{L}+", "Unicode properties"],
  ["(", "not a regular expression"],
  ["a".repeat(501), "longer than 500"],
])("the pattern %s is refused", (pattern, why) => {
  expect(unsafePattern(pattern)).toContain(why);
});

test.each([
  "^(a+)+$",
  "[0-9a-f]{64}",
  "^[A-Z]{2}\\d{2}[A-Z0-9]{1,30}$",
  "[(?=a)]",
  "\\(?=a",
  "^\\d{4}-\\d\\d$",
])("the pattern %s is accepted", (pattern) => {
  expect(unsafePattern(pattern)).toBeUndefined();
});
