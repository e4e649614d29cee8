/** What a cross check finds: a place in a manifest by JSON pointer; schema/ turns it into lines and columns. */
import type { ExpressionError } from "#runner/core/expression/expression.ts";
import { closest } from "#runner/core/suggest.ts";
import type { Violation } from "#runner/schema/violation.ts";

export interface Finding extends Pick<
  Violation,
  "code" | "severity" | "file" | "message" | "hint"
> {
  readonly pointer: string;
  readonly part: "key" | "value";
  /** Part of the string at the pointer, in UTF-16 units. */
  readonly span?: { readonly offset: number; readonly length: number };
  /** Projects that it stalls; none for a warning. */
  readonly stalls: readonly string[];
}

/** A finding whose file is known by whoever collects it; an error unless it says otherwise. */
export type Found = Pick<Finding, "code" | "pointer" | "message"> &
  Partial<Pick<Finding, "severity" | "hint" | "part" | "span">>;

export function placed(
  found: readonly Found[],
  file: string,
  stalls: readonly string[],
): readonly Finding[] {
  return found.map((one) => {
    const severity = one.severity ?? "error";
    return {
      hint: "",
      part: "value",
      ...one,
      severity,
      file,
      stalls: severity === "error" ? stalls : [],
    };
  });
}

/** JSON pointer of the path. */
export function pointer(...path: readonly (string | number)[]): string {
  return path
    .map((name) => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** The nearest name, else all of them when they are few. */
export function nameHint(name: string, known: Iterable<string>): string {
  const names = [...known].toSorted();
  const near = closest(name, names);
  if (near !== undefined) return `did you mean ${near}?`;
  return names.length > 0 && names.length <= 8 ? `there is ${names.join(", ")}` : "";
}

/** Errors of an expression inside the value at `path`. */
export function expressionFindings(
  path: readonly (string | number)[],
  errors: readonly (ExpressionError & { readonly path?: readonly (string | number)[] })[],
): readonly Found[] {
  return errors.map((error) => ({
    code: "expression/type",
    pointer: pointer(...path, ...(error.path ?? [])),
    message: error.message,
    hint: error.suggestion === undefined ? "" : `did you mean ${error.suggestion}?`,
    span: { offset: error.offset, length: error.length },
  }));
}
