import { Environment } from "@marcbachmann/cel-js";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compileCondition, compileExpression } from "#runner/core/expression/expression.ts";
import { compileValue } from "#runner/core/expression/expression-value.ts";
import { DYN, type ValueType } from "#runner/core/expression/value-type.ts";

/** Expressions over a few variables, well formed but of any type. */
const anyExpression = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("1", "0", "2.5", "'a'", "''", "true", "null", "[]", "x", "y", "x.a", "y.b.c"),
    fc
      .tuple(
        tie("tree"),
        fc.constantFrom("+", "-", "*", "/", "%", "<", ">=", "==", "!=", "in", "&&", "||"),
        tie("tree"),
      )
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc.tuple(tie("tree"), tie("tree"), tie("tree")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    tie("tree").map((operand) => `!(${operand})`),
    tie("tree").map((operand) => `-(${operand})`),
    fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => `[${a}, ${b}]`),
    fc.tuple(tie("tree"), tie("tree")).map(([list, index]) => `(${list})[${index}]`),
    fc
      .tuple(
        tie("tree"),
        fc.constantFrom("all", "exists", "exists_one", "filter", "map"),
        tie("tree"),
      )
      .map(([list, macro, body]) => `(${list}).${macro}(x, ${body})`),
    fc
      .tuple(fc.constantFrom("size", "first", "last", "sum", "string", "int", "slug"), tie("tree"))
      .map(([name, argument]) => `${name}(${argument})`),
    fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => `format(${a}, [${b}])`),
    tie("tree").map((operand) => `x.?a.orValue(${operand})`),
  ),
})).tree;

const unknownScope: Readonly<Record<string, ValueType>> = { x: DYN, y: DYN };

test("evaluation is total: any expression over any values gives JSON or the reason to hold", () => {
  fc.assert(
    fc.property(anyExpression, fc.jsonValue(), fc.jsonValue(), (source, x, y) => {
      const compiled = compileExpression(source, unknownScope);
      fc.pre(compiled.ok);

      const result = compiled.evaluate({ x, y });

      const outcome = result.ok ? result.value : result.reason;
      expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
    }),
    { numRuns: 500 },
  );
});

test("compilation is total: any text is compiled or refused", () => {
  const tokens = fc.constantFrom(
    "a",
    ".",
    "?",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "&&",
    "1",
    "${{",
    "}}",
    "\\",
    " ",
    "has",
    ":",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(tokens).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (source) => {
      for (const compile of [compileExpression, compileCondition, compileValue]) {
        expect([true, false]).toContain(compile(source, unknownScope).ok);
      }
    }),
    { numRuns: 500 },
  );
});

test("an expression that holds for a part holds with anything beside it", () => {
  fc.assert(
    fc.property(
      anyExpression,
      fc.jsonValue(),
      fc.constantFrom("||", "&&"),
      (source, x, operator) => {
        const values = { x, y: {} };
        const alone = compileCondition(source, unknownScope);
        fc.pre(alone.ok && !alone.evaluate(values).ok);

        const reasons = [
          `true ${operator} (${source})`,
          `false ${operator} (${source})`,
          `(${source}) ${operator} true`,
        ]
          .map((surrounded) => compileCondition(surrounded, unknownScope))
          .map((surrounded) => surrounded.ok && surrounded.evaluate(values).ok);

        expect(reasons).toEqual([false, false, false]);
      },
    ),
    { numRuns: 300 },
  );
});

/** Expressions of one type each, over declared variables; what can still fail is arithmetic. */
const typed = fc.letrec<{ int: string; bool: string; text: string; list: string }>((tie) => ({
  int: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("0", "1", "7", "n", "m"),
    fc
      .tuple(tie("int"), fc.constantFrom("+", "-", "*", "/", "%"), tie("int"))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc.tuple(tie("bool"), tie("int"), tie("int")).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
    tie("text").map((text) => `size(${text})`),
    tie("list").map((list) => `${list}.size()`),
  ),
  bool: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("true", "false", "p"),
    fc
      .tuple(tie("int"), fc.constantFrom("<", "<=", ">", ">=", "==", "!="), tie("int"))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc
      .tuple(tie("bool"), fc.constantFrom("&&", "||", "=="), tie("bool"))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc.tuple(tie("int"), tie("list")).map(([wanted, list]) => `(${wanted} in ${list})`),
    fc
      .tuple(tie("list"), fc.constantFrom("all", "exists", "exists_one"), tie("int"))
      .map(([list, macro, limit]) => `${list}.${macro}(i, i > ${limit})`),
    fc.tuple(tie("text"), tie("text")).map(([text, part]) => `${text}.contains(${part})`),
    tie("bool").map((operand) => `!${operand}`),
  ),
  text: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("''", "'a'", "'ab'", "s"),
    fc.tuple(tie("text"), tie("text")).map(([left, right]) => `(${left} + ${right})`),
    tie("int").map((number) => `string(${number})`),
  ),
  list: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("xs", "[1, 2, 3]", "[7]"),
    fc.tuple(tie("list"), tie("list")).map(([left, right]) => `(${left} + ${right})`),
    fc.tuple(tie("list"), tie("int")).map(([list, limit]) => `${list}.filter(i, i < ${limit})`),
    fc.tuple(tie("list"), tie("int")).map(([list, step]) => `${list}.map(i, i + ${step})`),
  ),
}));

const library = new Environment()
  .registerVariable("n", "int")
  .registerVariable("m", "int")
  .registerVariable("p", "bool")
  .registerVariable("s", "string")
  .registerVariable("xs", "list<int>");
const declaredScope: Readonly<Record<string, ValueType>> = {
  n: { kind: "int" },
  m: { kind: "int" },
  p: { kind: "bool" },
  s: { kind: "string" },
  xs: { kind: "list", of: { kind: "int" } },
};

test("where there is a value, it is the one that the CEL library computes", () => {
  const small = fc.integer({ min: -5, max: 5 });
  const values = fc.record({
    n: small,
    m: small,
    p: fc.boolean(),
    s: fc.constantFrom("", "b", "abc"),
    xs: fc.array(small, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(
      fc.oneof(typed.int, typed.bool, typed.text, typed.list),
      values,
      (source, given) => {
        const compiled = compileExpression(source, declaredScope);
        const result = compiled.ok ? compiled.evaluate(given) : compiled;
        fc.pre(result.ok);

        expect(result).toEqual({
          ok: true,
          value: plain(library.evaluate(source, asOperands(given))),
        });
      },
    ),
    { numRuns: 500 },
  );
});

function asOperands(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, integers(value)]));
}

function integers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(integers);
  return typeof value === "number" ? BigInt(value) : value;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "bigint" ? Number(value) : value;
}
