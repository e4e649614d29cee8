import { expect, test } from "vitest";
import {
  commonType,
  describeType,
  type ValueType,
  valueTypeOf,
} from "#runner/core/expression/value-type.ts";

const STRING: ValueType = { kind: "string" };
const INT: ValueType = { kind: "int" };
const DYN: ValueType = { kind: "dyn" };

test.for([
  [{ type: "string" }, STRING],
  [{ type: "integer" }, INT],
  [{ type: "number" }, { kind: "double" }],
  [{ type: "boolean" }, { kind: "bool" }],
  [
    { type: "array", items: { type: "integer" } },
    { kind: "list", of: INT },
  ],
  [{ type: "array" }, { kind: "list", of: DYN }],
  [
    { type: "array", items: { type: ["integer", "null"] } },
    { kind: "list", of: DYN },
  ],
  [{ enum: ["a", "b"] }, STRING],
  [{ enum: ["a", 1] }, DYN],
  [{ const: 3 }, INT],
  [{ oneOf: [{ type: "string" }, { type: "integer" }] }, DYN],
  [{ anyOf: [{ type: "string" }, { const: "x" }] }, STRING],
  [{ type: ["string", "integer"] }, DYN],
  [{}, DYN],
  [true, DYN],
  [{ type: "object" }, { kind: "object", fields: {}, open: true }],
] as const)("schema %o is read as %o", ([schema, type]) => {
  expect(valueTypeOf(schema)).toEqual(type);
});

test("fields are optional unless required, and nullable where the schema admits null", () => {
  const schema = {
    type: "object",
    required: ["a", "c"],
    properties: {
      a: { type: "string" },
      b: { type: "integer" },
      c: { type: ["string", "null"] },
      d: { anyOf: [{ type: "integer" }, { type: "null" }] },
      e: { enum: ["x", null] },
    },
  };

  expect(valueTypeOf(schema)).toEqual({
    kind: "object",
    open: false,
    fields: {
      a: { type: STRING, optional: false, nullable: false },
      b: { type: INT, optional: true, nullable: false },
      c: { type: STRING, optional: false, nullable: true },
      d: { type: INT, optional: true, nullable: true },
      e: { type: STRING, optional: true, nullable: true },
    },
  });
});

test("properties close an object unless further ones are allowed in so many words", () => {
  const properties = { a: { type: "string" } };

  expect(valueTypeOf({ properties })).toMatchObject({ kind: "object", open: false });
  expect(valueTypeOf({ type: "object", properties })).toMatchObject({ open: false });
  expect(valueTypeOf({ properties, additionalProperties: true })).toMatchObject({ open: true });
  expect(valueTypeOf({ type: "object", additionalProperties: { type: "string" } })).toMatchObject({
    open: true,
  });
});

test("references lead to the schema's own definitions and to those given", () => {
  const schema = {
    type: "object",
    required: ["own", "given", "whole", "unknown"],
    properties: {
      own: { $ref: "#/definitions/name" },
      given: { $ref: "#/definitions/count" },
      whole: { $ref: "common.schema.json#/definitions/count" },
      unknown: { $ref: "#/definitions/nowhere" },
    },
    definitions: { name: { type: "string" } },
  };
  const given = {
    count: { type: "integer" },
    "common.schema.json#/definitions/count": { type: "integer" },
  };

  expect(valueTypeOf(schema, given)).toMatchObject({
    fields: {
      own: { type: STRING },
      given: { type: INT },
      whole: { type: INT },
      unknown: { type: DYN },
    },
  });
});

test("a recursive schema ends where it begins again", () => {
  const node = {
    type: "object",
    properties: { name: { type: "string" }, next: { $ref: "#/definitions/node" } },
  };

  expect(valueTypeOf({ $ref: "#/definitions/node" }, { node })).toMatchObject({
    fields: { name: { type: STRING }, next: { type: DYN } },
  });
});

test("parts that must all hold add up, alternatives leave optional what only some have", () => {
  const named = { type: "object", required: ["name"], properties: { name: { type: "string" } } };
  const counted = {
    type: "object",
    required: ["count"],
    properties: { count: { type: "integer" } },
  };

  expect(valueTypeOf({ allOf: [named, counted, { required: ["x"] }] })).toMatchObject({
    fields: { name: { optional: false }, count: { optional: false } },
  });
  expect(valueTypeOf({ oneOf: [named, { ...counted, ...named }, counted] })).toMatchObject({
    fields: { name: { type: STRING, optional: true }, count: { type: INT, optional: true } },
  });
});

test("what an open side may hold under a name is unknown", () => {
  const open: ValueType = { kind: "object", fields: {}, open: true };
  const closed: ValueType = {
    kind: "object",
    fields: { a: { type: STRING, optional: false, nullable: false } },
    open: false,
  };

  expect(commonType(open, closed)).toEqual({
    kind: "object",
    fields: { a: { type: DYN, optional: true, nullable: true } },
    open: true,
  });
});

test("types are described in words", () => {
  expect(describeType({ kind: "list", of: { kind: "list", of: STRING } })).toBe(
    "list of list of string",
  );
});
