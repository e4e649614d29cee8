import { expect, test } from "vitest";
import { defaultsOf, fieldWords, formProblems, withoutEmpty } from "#runner/core/gate/form.ts";
import { fieldsFrom } from "#runner/core/gate/form-word.ts";
import type { AskForm, FormField } from "#runner/schema/types.gen.ts";

const TERMS: AskForm = {
  type: "object",
  required: ["amount", "tone"],
  properties: {
    amount: { type: "integer", minimum: 1, maximum: 90 },
    tone: { type: "string", enum: ["warm", "firm"], default: "warm" },
    tags: {
      type: "array",
      items: { type: "string", minLength: 2 },
      maxItems: 2,
      uniqueItems: true,
    },
  },
};

function problemsOf(answer: Readonly<Record<string, unknown>>): readonly string[] {
  return formProblems(TERMS, answer).map(({ message, hint }) => `${message} (${hint})`);
}

test("an answer that is whole and right has no problems, and what may stay empty may be left out", () => {
  expect(problemsOf({ amount: 5, tone: "firm" })).toEqual([]);
  expect(problemsOf({ amount: 90, tone: "warm", tags: ["ab", "cd"] })).toEqual([]);
});

test.each([
  [{ tone: "firm" }, "amount needs an answer (a whole number, at least 1, at most 90)"],
  [{ amount: "5", tone: "firm" }, 'amount must be a whole number, not "5"'],
  [{ amount: 5.5, tone: "firm" }, "amount must be a whole number, not 5.5"],
  [{ amount: 0, tone: "firm" }, "amount cannot be 0 (a whole number, at least 1"],
  [{ amount: 91, tone: "firm" }, "amount cannot be 91 ("],
  [{ amount: 5, tone: "wram" }, 'tone cannot be "wram" (warm or firm)'],
  [{ amount: 5, tone: "warm", tgas: [] }, "the form has no field tgas (did you mean tags?)"],
  [{ amount: 5, tone: "warm", tags: "ab" }, 'tags must be a list, not "ab"'],
  [{ amount: 5, tone: "warm", tags: ["ab", "c"] }, "tags entry 2 has 1 characters"],
  [{ amount: 5, tone: "warm", tags: ["ab", "ab"] }, "tags has an entry twice"],
  [{ amount: 5, tone: "warm", tags: ["ab", "cd", "ef"] }, "tags has 3 entries"],
  [{ amount: 5, tone: { a: 1 } }, "tone must be text, not a map"],
])("%j is refused: %s", (answer, words) => {
  expect(problemsOf(answer).join("; ")).toContain(words);
});

function field(changes: Partial<FormField>, value: unknown): boolean {
  const form: AskForm = { type: "object", properties: { one: { type: "string", ...changes } } };
  return formProblems(form, { one: value }).length === 0;
}

test.each<[Partial<FormField>, unknown, unknown]>([
  [{ type: "number", exclusiveMinimum: 0 }, 0.1, 0],
  [{ type: "number", exclusiveMaximum: 1 }, 0.9, 1],
  [{ type: "boolean" }, false, "false"],
  [{ type: "array", minItems: 1 }, ["a"], []],
  [{ maxLength: 2 }, "äö", "abc"],
  [{ pattern: "^[A-Z]+$" }, "AB", "Ab"],
  [{ format: "date" }, "2026-02-28", "2026-02-30"],
  [{ format: "email" }, "a@b.example", "a"],
])("%j takes %j and not %j", (changes, right, wrong) => {
  expect([field(changes, right), field(changes, wrong)]).toEqual([true, false]);
});

test("a form begins with its defaults, and an empty field is no answer", () => {
  expect(defaultsOf(TERMS)).toEqual({ tone: "warm" });
  expect(withoutEmpty({ amount: null, tone: "" })).toEqual({ tone: "" });
});

test("what a field takes is said in words", () => {
  expect(fieldWords(TERMS.properties["tags"])).toBe(
    "a list of text, at least 2 characters, at most 2 entries, no entry twice",
  );
  expect(fieldWords({ type: "string", format: "date" })).toBe("a date such as 2026-11-22");
});

test("on the command line a field has its declared type, and what has not stays text for the form to refuse", () => {
  const set = ["amount=5", "tone=a=b", "tags=ab, cd", "more=1"];

  expect(fieldsFrom(TERMS, set)).toEqual({
    ok: true,
    values: { amount: 5, tone: "a=b", tags: ["ab", "cd"], more: "1" },
  });
  expect(fieldsFrom(TERMS, ["amount=many", "tone="])).toMatchObject({
    values: { amount: "many", tone: null },
  });
  expect(fieldsFrom(TERMS, ["tnoe="])).toMatchObject({ values: { tnoe: "" } });
  expect(fieldsFrom(TERMS, ["amount"])).toMatchObject({ ok: false });
});
