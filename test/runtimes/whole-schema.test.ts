import { expect, test } from "vitest";
import { wholeSchema } from "#runner/runtimes/whole-schema.ts";

const line = {
  $id: "line.schema.json",
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  properties: { amount: { $ref: "#/definitions/money" }, parts: { $ref: "line.schema.json" } },
  definitions: { money: { type: "integer" } },
};

test("what a schema refers to in other files stands in it, with what that refers to", () => {
  const schema = {
    type: "object",
    properties: {
      lines: { type: "array", items: { $ref: "line.schema.json" } },
      total: { $ref: "line.schema.json#/definitions/money" },
      own: { $ref: "#/definitions/own" },
    },
    definitions: { own: { type: "string" } },
  };

  const whole = wholeSchema(schema, { "line.schema.json": line });

  expect(whole).toEqual({
    type: "object",
    properties: {
      lines: { type: "array", items: { $ref: "#/definitions/shared_line_schema_json" } },
      total: { $ref: "#/definitions/shared_line_schema_json/definitions/money" },
      own: { $ref: "#/definitions/own" },
    },
    definitions: {
      own: { type: "string" },
      shared_line_schema_json: {
        type: "object",
        properties: {
          amount: { $ref: "#/definitions/shared_line_schema_json/definitions/money" },
          parts: { $ref: "#/definitions/shared_line_schema_json" },
        },
        definitions: { money: { type: "integer" } },
      },
    },
  });
});

test("a schema that needs no other file stays as it is", () => {
  const schema = { type: "object", properties: { a: { $ref: "#/definitions/a" } } };

  expect(wholeSchema(schema, { "line.schema.json": line })).toBe(schema);
});
