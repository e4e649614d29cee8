/** The verb that tells fettle what only the operator knows. */
import { InvalidArgumentError } from "commander";
import type { AddVerb } from "./command-line.ts";

type AnswerArguments = [
  thing: string | undefined,
  what: string | undefined,
  options: { reason?: string; set?: string[]; file?: string },
];

export function addAnswer(verb: AddVerb): void {
  verb({
    usage: "answer [thing] [what]",
    summary: "answer a question, or say whether an effect that is in doubt happened",
    examples: [
      ["fettle answer", "what is asked, and what is in doubt"],
      ["fettle answer offer-mgrb10cf", "the question's form, as a file to fill in"],
      [
        "fettle answer offer-mgrb10cf --set amount=300 --set tone=firm",
        "answer it, field by field",
      ],
      ["fettle answer offer-mgrb10cf --file answer.yaml", "answer it with a filled-in file"],
      ["fettle answer reminder/NW-2026-050 happened", "the effect counts as done"],
      ["fettle answer reminder/NW-2026-050 did-not", "the next run that wants it does it"],
    ],
    act: async (context, ...[thing, what, { reason, set, file }]: AnswerArguments) =>
      (await import("#runner/verbs/answer.ts")).answerVerb(context, {
        thing: thing ?? null,
        happened: happenedOf(what),
        reason: reason ?? null,
        set: set ?? [],
        file: file ?? null,
      }),
  })
    .option("--set <field=value...>", "of a question: a field; nothing after = empties it")
    .option("--file <path>", "of a question: a YAML file with fields")
    .option("--reason <text>", "of an effect: how you know");
}

function happenedOf(word: string | undefined): boolean | null {
  if (word === undefined) return null;
  if (word === "happened" || word === "did-not") return word === "happened";
  throw new InvalidArgumentError(`${word} says nothing of an effect: it is happened or did-not`);
}
