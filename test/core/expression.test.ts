import { expect, test } from "vitest";
import {
  compileCondition,
  compileExpression,
  type Evaluation,
} from "#runner/core/expression/expression.ts";
import { DYN, type ValueType, valueTypeOf } from "#runner/core/expression/value-type.ts";

const invoice = {
  type: "object",
  required: ["number", "amount", "paidOn"],
  properties: {
    number: { type: "string" },
    amount: { type: "number" },
    paidOn: { type: ["string", "null"] },
    days: { type: "integer" },
    receipt: { type: "object", required: ["id"], properties: { id: { type: "integer" } } },
    tags: { type: "array", items: { type: "string" } },
  },
};
const scope: Readonly<Record<string, ValueType>> = {
  invoice: valueTypeOf(invoice),
  invoices: valueTypeOf({ type: "array", items: invoice }),
  count: { kind: "int" },
  data: DYN,
};

test.for([
  ["invoice.days > 1", "`invoice.days` may be missing"],
  ["invoice.paidOn == 'x'", "`invoice.paidOn` may be null"],
  ["invoice.paidOn in ['x']", "may be null"],
  ["size(invoice.paidOn)", "may be null"],
  ["[invoice.days]", "may be missing"],
  ["{'a': invoice.days}", "may be missing"],
  ["invoice.receipt.id", "`invoice.receipt` may be missing"],
  ["has(invoice.receipt.id)", "`invoice.receipt` may be missing"],
  ["invoice.days > 1 && has(invoice.days)", "may be missing"],
  ["has(invoice.days) || invoice.days > 1", "may be missing"],
  ["!has(invoice.days) && invoice.days > 1", "may be missing"],
  ["has(invoice.days) ? 1 : invoice.days", "may be missing"],
  ["(has(invoice.days) || count > 1) && invoice.days > 1", "may be missing"],
  ["invoices.exists(i, i.days > 1)", "`i.days` may be missing"],
  ["has(invoice.days) && invoices.exists(invoice, invoice.days > 1)", "may be missing"],
  ["null + 1", "null is no operand"],
])("%s is refused: an operand has not been asked for", ([source = "", message = ""]) => {
  expect(errorsOf(source)).toEqual([expect.stringContaining(message)]);
});

test.for([
  "has(invoice.days) && invoice.days > 1",
  "invoice.days != null && invoice.days > 1",
  "!has(invoice.days) || invoice.days > 1",
  "invoice.days == null || invoice.days > 1",
  "has(invoice.days) && count > 1 && invoice.days > 1",
  "has(invoice.days) ? invoice.days : 0",
  "!has(invoice.days) ? 0 : invoice.days",
  "has(invoice.receipt) && has(invoice.receipt.id) && invoice.receipt.id > 1",
  "invoice.?receipt.id.hasValue() && invoice.receipt.id > 1",
  "!(invoice.days == null || count > 1) && invoice.days > 1",
  "invoice.?days.orValue(0) + 1",
  "invoice.?receipt.?id.orValue(0)",
  "invoice['?'.size() == 1 ? 'days' : 'number']",
  "has(invoices[0].days) && invoices[0].days > 1",
  "invoices.map(i, has(i.days), i.days)",
  "invoices.exists(i, has(i.days) && i.days > 1)",
  "has(invoice.days) && invoices.all(i, i.number == invoice.number && invoice.days > 1)",
  "data.anything.goes > 1",
])("%s is accepted", (source) => {
  expect(errorsOf(source)).toEqual([]);
});

test.for([
  ["invoce.number", "there is no `invoce` here", "invoice"],
  ["invoice.nubmer", "`invoice` has no field `nubmer`", "number"],
  ["invoices.map(i, i.nubmer)", "`i` has no field `nubmer`", "number"],
  ["frist(invoices)", "there is no function `frist`", "first"],
  ["invoices.fliter(count, true)", "there is no function `fliter`", "filter"],
])("%s is refused and corrected", ([source = "", message, suggestion]) => {
  expect(refused(source)).toEqual([expect.objectContaining({ message, suggestion })]);
});

test.for([
  ["count + 1.5", "`+` does not take int and double; convert one with `double(…)` or `int(…)`"],
  ["count > 'a'", "`>` does not take int and string"],
  ["invoice == 1", "`==` does not take object and int"],
  ["'days' in invoice", "`in` does not take string and object; ask with `has(…)`"],
  ["1 in ['a']", "`in` does not take int and list of string"],
  ["!count", "`count` is int, not bool"],
  ["-invoice.number", "`-` does not take string"],
  ["count ? 1 : 2", "`count` is int, not bool"],
  ["true ? 1 : 'a'", "the alternatives differ: int and string"],
  [
    "invoice.?amount.orValue(0)",
    "the alternatives differ: double and int; the double 1 is written 1.0",
  ],
  ["count.field", "`count` is int and has no fields"],
  ["invoices.number", "`invoices` is list of object and has no fields; take an element"],
  ["invoices['a']", "`invoices` is list of object and has no fields"],
  ["invoices[invoice.number]", "`invoices` is list of object and takes no string in `[…]`"],
  ["count.map(i, i)", "`map` takes a list, not int"],
  ["sum(['a'])", "`sum` takes (list of int or double), not (list of string)"],
  ["join([1], ',')", "`join` takes (list of string) or (list of string; string)"],
  ["{count: 1}", "`count` is int, not string"],
  ["invoice.?days", "a chain with `.?` must end in `.orValue(…)` or `.hasValue()`"],
  ["has(count)", "`has(…)` takes one field"],
  ["invoices.map(i)", "write `list.map(x, value)`"],
  ["count.orValue(1)", "`.orValue(…)` follows a field"],
  ["1u", "unsigned integers and bytes are not available"],
  ["9223372036854775808", "the integer does not fit in 64 bits"],
  ["count +", "Unexpected token"],
  ["", "an expression is missing"],
  ["${{ count }}", "write it without `${{ }}`"],
])("%s is refused: %s", ([source = "", message = ""]) => {
  expect(errorsOf(source)).toEqual([expect.stringContaining(message)]);
});

test("every mistake is reported, each at its place in the source", () => {
  expect(refused("invoce.number == 'a' && count > 'b'")).toEqual([
    expect.objectContaining({ offset: 0, length: 6 }),
    expect.objectContaining({ offset: 24, length: 11 }),
  ]);
});

test("the type of the result follows from the types in scope", () => {
  expect(typeOf("invoices.filter(i, i.amount > 1.0)")).toEqual(scope["invoices"]);
  expect(typeOf("invoices.map(i, i.amount)")).toEqual({ kind: "list", of: { kind: "double" } });
  expect(typeOf("invoice.?tags.orValue([])")).toEqual({ kind: "list", of: { kind: "string" } });
  expect(typeOf("first(invoices).number")).toEqual({ kind: "string" });
  expect(typeOf("data.total + 1")).toEqual({ kind: "int" });
  expect(typeOf("[1, 'a']")).toEqual({ kind: "list", of: DYN });
});

test("a value that may be null can be passed on, and says so", () => {
  expect(compileExpression("invoice.paidOn", scope)).toMatchObject({ ok: true, nullable: true });
  expect(compileExpression("count > 1 ? count : null", scope)).toMatchObject({ nullable: true });
});

test("references are the chains of fields that are read, without the variables of macros", () => {
  const source =
    "has(invoice.receipt) && invoices[0].number == data.a['b'].c && invoices.all(i, i.amount > count)";
  const compiled = compileExpression(source, scope);

  expect(compiled).toMatchObject({
    ok: true,
    references: [["invoice", "receipt"], ["invoices"], ["data", "a", "b", "c"], ["count"]],
  });
});

test("what the schema calls a number stays a double, whole or not", () => {
  const values = { invoice: { number: "a", amount: 10, paidOn: null } };

  expect(evaluate("invoice.amount / 4.0", values)).toEqual({ ok: true, value: 2.5 });
  expect(evaluate("sum([invoice].map(i, i.amount)) / 4.0", values)).toEqual({
    ok: true,
    value: 2.5,
  });
  expect(evaluate("first([invoice]).amount / 4.0", values)).toEqual({ ok: true, value: 2.5 });
});

test("what the schema calls an integer divides as one", () => {
  expect(evaluate("count / 2", { count: 7 })).toEqual({ ok: true, value: 3 });
});

test("an undeclared number fits its partner, and holds where the result would depend on its kind", () => {
  expect(evaluate("data.x * 1.5", { data: { x: 2 } })).toEqual({ ok: true, value: 3 });
  expect(evaluate("1.5 * data.x", { data: { x: 2 } })).toEqual({ ok: true, value: 3 });
  expect(evaluate("data.x / 2", { data: { x: 4 } })).toEqual({ ok: true, value: 2 });
  expect(evaluate("data.x / 2", { data: { x: 3 } })).toMatchObject({ ok: false });
});

test.for([
  ["count", { count: "7" }, "`count` is string, not int"],
  ["count", { count: 1.5 }, "`count` is double, not int"],
  ["count", { count: 1e20 }, "`count` is double, not int"],
  ["count", {}, "`count` is missing"],
  ["invoice.number", { invoice: { number: 1 } }, "`invoice.number` is int, not string"],
  ["invoice.number", { invoice: [] }, "`invoice` is list, not map"],
  ["data", { data: new Map() }, "`data` is not plain data"],
  ["data", { data: [undefined] }, "the value is not plain data"],
  ["data", { data: Number.NaN }, "`data` is not plain data"],
  ["data.constructor", { data: {} }, "`data.constructor` is missing"],
  ["data[5]", { data: [] }, "`data[5]` is missing"],
  ["data[-1]", { data: [1] }, "`data[-1]` is missing"],
  ["count + 1", { count: Number.MAX_SAFE_INTEGER }, "too large for JSON"],
  ["9223372036854775807 + count", { count: 1 }, "does not fit in 64 bits"],
  ["-9223372036854775808 / -count", { count: 1 }, "does not fit in 64 bits"],
  ["1.0 / double(count)", { count: 0 }, "the result is no number"],
  ["count % 0", { count: 1 }, "division by zero"],
] as const)("%s of %o holds: %s", ([source, values, reason]) => {
  expect(evaluate(source, values)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});

test("work that multiplies holds instead of going on", () => {
  const data = Array.from({ length: 1000 }, (_, index) => index);

  const result = evaluate("data.all(a, data.all(b, data.all(c, a + b + c >= 0)))", { data });

  expect(result).toEqual({ ok: false, reason: "the expression takes more than 1000000 steps" });
});

test("comparing with long lists counts as work", () => {
  const data = Array.from({ length: 2000 }, (_, index) => index);

  expect(evaluate("data.all(a, a in data)", { data })).toMatchObject({ ok: false });
});

test("text that multiplies holds instead of growing", () => {
  const data = "a".repeat(100_000);

  expect(evaluate("data.replace('a', data)", { data })).toMatchObject({
    ok: false,
    reason: expect.stringContaining("longer than 1000000 characters"),
  });
});

test("data nested without end holds instead of exhausting the stack", () => {
  let data: unknown = 1;
  for (let depth = 0; depth < 100_000; depth += 1) data = [data];

  expect(evaluate("data", { data })).toMatchObject({ ok: false });
  expect(evaluate("data == data", { data })).toMatchObject({ ok: false });
});

test("an expression too long to walk is refused", () => {
  expect(errorsOf(Array.from({ length: 2000 }, () => "1").join("+"))).toEqual([
    expect.stringContaining("maxAstNodes"),
  ]);
});

test("a key named like a part of every object is an ordinary key", () => {
  expect(evaluate('{"__proto__": 1}', {})).toEqual({
    ok: true,
    value: Object.fromEntries([["__proto__", 1]]),
  });
});

test("a condition must be true or false", () => {
  expect(compileCondition("count", scope)).toMatchObject({ ok: false });
  expect(compileCondition("count > 1", scope)).toMatchObject({ ok: true });
  expect(compileCondition("true ? null : null", scope)).toMatchObject({ ok: false });
});

test("a condition of unknown type holds where it is neither true nor false", () => {
  const compiled = compileCondition("data", scope);
  const outcomes = [true, false, null, "true", 1].map((data) =>
    compiled.ok ? compiled.evaluate({ data }) : compiled,
  );

  expect(outcomes).toEqual([
    { ok: true, value: true },
    { ok: true, value: false },
    { ok: false, reason: "the condition is null, not true or false" },
    { ok: false, reason: "the condition is string, not true or false" },
    expect.objectContaining({ ok: false }),
  ]);
});

function refused(source: string): readonly unknown[] {
  const compiled = compileExpression(source, scope);
  return compiled.ok ? [] : compiled.errors;
}

function errorsOf(source: string): readonly string[] {
  const compiled = compileExpression(source, scope);
  return compiled.ok ? [] : compiled.errors.map(({ message }) => message);
}

function typeOf(source: string): ValueType | undefined {
  const compiled = compileExpression(source, scope);
  return compiled.ok ? compiled.type : undefined;
}

function evaluate(source: string, values: Readonly<Record<string, unknown>>): Evaluation {
  const compiled = compileExpression(source, scope);
  if (!compiled.ok) throw new Error(compiled.errors.map(({ message }) => message).join("\n"));
  return compiled.evaluate(values);
}
