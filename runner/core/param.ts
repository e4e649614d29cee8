/** Typed parameters of a pipeline. */
import { entryOf } from "./entry.ts";
import { closest } from "./suggest.ts";
import type { Param, Pipeline } from "#runner/schema/types.gen.ts";

export type Params =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly reason: string };

/** The given values with defaults filled in, or why they do not fit. */
export function paramsOf(pipeline: Pipeline, given: Readonly<Record<string, unknown>>): Params {
  const declared = pipeline.params ?? {};
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(declared, name));
  if (unknown !== undefined) {
    const near = closest(unknown, Object.keys(declared));
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    return { ok: false, reason: `the pipeline has no parameter ${unknown}${hint}` };
  }
  const value: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(declared)) {
    const one = entryOf(given, name) ?? param.default;
    const problem = problemOf(name, param, one);
    if (problem !== null) return { ok: false, reason: problem };
    value[name] = one;
  }
  return { ok: true, value };
}

/** What can be given: `minDays (integer), tone (warm or plain)`. */
export function paramsText({ params = {} }: Pipeline): string {
  const all = Object.entries(params).map(([name, param]) => {
    const values = param.enum === undefined ? param.type : param.enum.join(" or ");
    const isOptional = param.default !== undefined;
    return `${name} (${values}${isOptional ? ", optional" : ""})`;
  });
  return all.length === 0 ? "it has no parameters" : `its parameters are ${all.join(", ")}`;
}

/** A parameter written on the command line (`minDays=10`) in its declared type; undefined when it does not fit. */
export function readParam(param: Param, text: string): string | number | boolean | undefined {
  switch (param.type) {
    case "string":
      return text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "integer":
    case "number": {
      const value = Number(text);
      const fits = text.trim() !== "" && Number.isFinite(value);
      return fits && (param.type === "number" || Number.isSafeInteger(value)) ? value : undefined;
    }
  }
}

function problemOf(name: string, param: Param, value: unknown): string | null {
  if (value === undefined) return `parameter ${name} is missing`;
  if (!hasType(param.type, value)) return `parameter ${name} must be of type ${param.type}`;
  const allowed: readonly unknown[] | undefined = param.enum;
  return allowed === undefined || allowed.includes(value)
    ? null
    : `parameter ${name} must be one of ${allowed.join(", ")}`;
}

export function hasType(type: Param["type"], value: unknown): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return Number.isSafeInteger(value);
    case "number":
      return typeof value === "number" && Number.isFinite(value);
  }
}
