import { expect, test } from "vitest";
import { paramsOf, paramsText, readParam } from "#runner/core/param.ts";
import type { Param } from "#runner/schema/types.gen.ts";
import { pipeline } from "../support/core-builders.ts";

function given(
  params: Readonly<Record<string, Param>>,
  values: Readonly<Record<string, unknown>>,
): unknown {
  const result = paramsOf(pipeline([], { params }), values);
  return result.ok ? result.value : result.reason;
}

const declared: Readonly<Record<string, Param>> = {
  minDays: { type: "integer", default: 7 },
  client: { type: "string" },
};

test("defaults fill in what was not given", () => {
  expect(given(declared, { client: "acme" })).toEqual({ minDays: 7, client: "acme" });
  expect(given(declared, { client: "acme", minDays: 0 })).toEqual({ minDays: 0, client: "acme" });
  expect(given({}, {})).toEqual({});
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ["missing", {}, "parameter client is missing"],
  [
    "unknown, with what was meant",
    { clent: "acme" },
    "the pipeline has no parameter clent; did you mean client?",
  ],
  ["unknown, like nothing else", { zzzzzz: 1 }, "the pipeline has no parameter zzzzzz"],
  [
    "unknown, like what every object has",
    { constructor: 1, client: "acme" },
    "the pipeline has no parameter constructor",
  ],
])("a parameter that is %s is refused", (_, values, reason) => {
  expect(given(declared, values)).toBe(reason);
});

test("a parameter named like what every object has is missing all the same", () => {
  const odd = Object.fromEntries([["constructor", { type: "string" } as const]]);

  expect(given(odd, {})).toBe("parameter constructor is missing");
});

test.each<[Param["type"], unknown, boolean]>([
  ["string", "", true],
  ["string", 1, false],
  ["boolean", false, true],
  ["boolean", "true", false],
  ["integer", 3, true],
  ["integer", 3.5, false],
  ["integer", 2 ** 53, false],
  ["number", 3.5, true],
  ["number", Number.POSITIVE_INFINITY, false],
  ["number", "3", false],
])("type %s with %j fits is %s", (type, value, fits) => {
  expect(given({ x: { type } }, { x: value })).toEqual(
    fits ? { x: value } : `parameter x must be of type ${type}`,
  );
});

test("only the values that are listed are allowed", () => {
  const tone: Readonly<Record<string, Param>> = {
    tone: { type: "string", enum: ["warm", "firm"] },
  };

  expect(given(tone, { tone: "firm" })).toEqual({ tone: "firm" });
  expect(given(tone, { tone: "rude" })).toBe("parameter tone must be one of warm, firm");
});

test.each<[Param["type"], string, unknown]>([
  ["string", "7", "7"],
  ["string", "", ""],
  ["boolean", "true", true],
  ["boolean", "false", false],
  ["boolean", "yes", undefined],
  ["integer", "7", 7],
  ["integer", "-7", -7],
  ["integer", "7.5", undefined],
  ["integer", "", undefined],
  ["integer", "9007199254740993", undefined],
  ["number", "7.5", 7.5],
  ["number", " ", undefined],
  ["number", "seven", undefined],
  ["number", "Infinity", undefined],
])("on the command line, type %s, %j is read as %j", (type, text, value) => {
  expect(readParam({ type }, text)).toBe(value);
});

test("what can be given is told with what is wrong", () => {
  const tone: Param = { type: "string", enum: ["warm", "plain"] };

  expect(paramsText(pipeline([], { params: { ...declared, tone } }))).toBe(
    "its parameters are minDays (integer, optional), client (string), tone (warm or plain)",
  );
  expect(paramsText(pipeline([]))).toBe("it has no parameters");
});
