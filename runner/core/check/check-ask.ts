/** An ask step: a question that is text, a form whose parts fit together, and a default answer that fits the form. */
import { expressionFindings, type Found, nameHint, pointer } from "./check-finding.ts";
import type { PlacedStep } from "./check-graph.ts";
import { checkInput } from "./check-input.ts";
import type { Scope } from "#runner/core/expression/expression.ts";
import { compileValue } from "#runner/core/expression/expression-value.ts";
import { type Answer, defaultsOf, valueProblems } from "#runner/core/gate/form.ts";
import { describeType, type ValueType, valueTypeOf } from "#runner/core/expression/value-type.ts";
import type { AskForm, AskStep } from "#runner/schema/types.gen.ts";

interface Place {
  readonly path: PlacedStep["path"];
  readonly scope: Scope;
}

export function checkAsk(step: AskStep, place: Place): readonly Found[] {
  return [
    ...checkText("ask", step.ask, place),
    ...checkText("about", step.about, place),
    ...checkForm(step.form, place),
    ...checkDefault(step, place),
    ...checkExpiry(step, place),
  ];
}

function checkText(
  key: string,
  text: string | undefined,
  { path, scope }: Place,
): readonly Found[] {
  if (text === undefined) return [];
  const compiled = compileValue(text, scope);
  if (!compiled.ok) return expressionFindings([...path, key], compiled.errors);
  const { type, nullable } = compiled;
  if (!nullable && (type.kind === "string" || type.kind === "dyn")) return [];
  const found = nullable ? "something that may be null" : describeType(type);
  const message = `${key} needs text, this is ${found}`;
  const hint = type.kind === "int" && !nullable ? "wrap it in string( )" : "";
  return [{ code: "expression/type", pointer: pointer(...path, key), message, hint }];
}

function checkForm(form: AskForm, { path }: Place): readonly Found[] {
  const at = [...path, "form"];
  const names = Object.keys(form.properties);
  const unknown = (form.required ?? []).flatMap((name, index): readonly Found[] => {
    if (names.includes(name)) return [];
    const message = `the form has no field ${name}`;
    const hint = nameHint(name, names);
    return [{ code: "form/required", pointer: pointer(...at, "required", index), message, hint }];
  });
  const wrong = valueProblems(form, defaultsOf(form)).map(({ field, message, hint }) =>
    misfit([...at, "properties", field, "default"], message, hint),
  );
  return [...unknown, ...wrong, ...checkFields(form, [...at, "properties"])];
}

const BOUNDS = [
  ["minimum", "maximum"],
  ["minLength", "maxLength"],
  ["minItems", "maxItems"],
] as const;

/** A field that nothing fits could never be answered. */
function checkFields(form: AskForm, at: readonly (string | number)[]): readonly Found[] {
  return Object.entries(form.properties).flatMap(([name, field]): readonly Found[] => {
    const crossed = BOUNDS.flatMap(([least, most]): readonly Found[] => {
      const [from, to] = [field[least], field[most]];
      if (from === undefined || to === undefined || from <= to) return [];
      const message = `nothing fits ${name}: ${least} ${from} is more than ${most} ${to}`;
      return [{ code: "form/bounds", pointer: pointer(...at, name, most), message }];
    });
    const strange = (field.enum ?? []).flatMap((value, index) =>
      valueProblems(form, { [name]: value }).map(({ message }): Found => {
        return { code: "form/bounds", pointer: pointer(...at, name, "enum", index), message };
      }),
    );
    return crossed.length > 0 ? crossed : strange;
  });
}

function misfit(path: readonly (string | number)[], message: string, wanted: string): Found {
  const hint = wanted === "" ? "" : `it takes ${wanted}`;
  return {
    code: "form/default",
    pointer: pointer(...path),
    message: `the default: ${message}`,
    hint,
  };
}

/** Types are checked of all of it, the rest of what is written out. */
function checkDefault(step: AskStep, { path, scope }: Place): readonly Found[] {
  const { form, default: given } = step;
  if (given === undefined) return [];
  const callee = { name: "the form", takes: "field", wanted: partial(valueTypeOf(form)) } as const;
  const found = checkInput({ path, key: "default", with: given, scope, callee });
  if (found.length > 0) return found;
  return valueProblems(form, literals(given)).map(({ field, message, hint }) =>
    misfit([...path, "default", field], message, hint),
  );
}

/** No field has to be there. */
function partial(type: ValueType): ValueType {
  if (type.kind !== "object") return type;
  const fields = Object.entries(type.fields).map(
    ([name, field]) => [name, { ...field, optional: true }] as const,
  );
  return { ...type, fields: Object.fromEntries(fields) };
}

function literals(given: Answer): Answer {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null && !hasExpression(value)),
  );
}

function hasExpression(value: unknown): boolean {
  return JSON.stringify(value).includes("${{");
}

/** A default answer must be whole, and there must be a time at which it counts. */
function checkExpiry(
  { form, default: given, answerBy, onExpire }: AskStep,
  { path }: Place,
): readonly Found[] {
  if (onExpire !== "default") return [];
  const at = { code: "step/expire", pointer: pointer(...path, "onExpire") } as const;
  if (answerBy === undefined) {
    const message = "onExpire: default needs answerBy";
    return [{ ...at, message, hint: "such as answerBy: 2d" }];
  }
  const there = new Set([...Object.keys(defaultsOf(form)), ...Object.keys(given ?? {})]);
  const lacking = (form.required ?? []).filter((name) => !there.has(name));
  if (lacking.length === 0) return [];
  const message = `onExpire: default needs a default for ${lacking.join(", ")}`;
  return [{ ...at, message, hint: "in the form, or in default of the step" }];
}
