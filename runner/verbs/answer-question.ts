/** `fettle answer <question>`: shows the form of a question, or answers it in the operator's name. */
import { readFileSync } from "node:fs";
import { answersIn } from "#runner/core/gate/gate-answer.ts";
import { assentCommand } from "#runner/core/gate/gate-command.ts";
import { type Answer as Fields, formProblems, problemWords } from "#runner/core/gate/form.ts";
import { fieldsFrom } from "#runner/core/gate/form-word.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import { findNamed } from "#runner/core/suggest.ts";
import {
  answerGate,
  formOf,
  saysTheSame,
  standingAnswer,
  standingProblem,
  type StandingAnswer,
} from "#runner/loop/answer-gate.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { terminalText } from "#runner/report/terminal-text.ts";
import { readAnswerFile } from "#runner/schema/answer-file.ts";
import type { AskForm, GateRecord } from "#runner/schema/types.gen.ts";
import { findGate, rejectionTold } from "./find-gate.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer } from "./verb.ts";

export interface Given {
  /** `field=value`. */
  readonly set: readonly string[];
  /** A YAML file with fields; null: none. */
  readonly file: string | null;
}

export function isGiven({ set, file }: Given): boolean {
  return set.length > 0 || file !== null;
}

/** Open questions that have no answer yet. */
export function openQuestions({ observed, plan }: Sight): readonly GateRecord[] {
  const over = answersIn(plan);
  return [...observed.gates.values()]
    .map(({ record }) => record)
    .filter(({ id, asks }) => asks !== undefined && !over.has(id));
}

/** The open question of this name, of the only name that begins so, or of `run/step`; undefined when there is none. */
export function findQuestion({ observed }: Sight, name: string): ObservedGate | undefined {
  const questions = [...observed.gates.values()].filter(({ record }) => record.asks !== undefined);
  const named = questions.map((gate) => {
    const { id, run, step } = gate.record;
    return { name: id, also: [`${run}/${step}`], gate };
  });
  const meant = findNamed(name, named, { byStart: true });
  return meant.kind === "found" ? meant.found.gate : undefined;
}

/** Why nothing that is called so can be answered with fields. */
export function noQuestion(seen: Sight, name: string): Answer {
  const found = findGate(seen, name);
  if (!found.ok) return found.refusal;
  const { id, title } = found.record;
  const hint = `fettle approve ${id}, or fettle reject ${id} --reason "..."`;
  return refused("usage", `"${title}" asks for approval and has no fields`, hint);
}

export async function answerQuestion(
  engine: Engine,
  seen: Sight,
  { gate, given }: { readonly gate: ObservedGate; readonly given: Given },
): Promise<Answer> {
  const { record } = gate;
  const form = formOf(record, seen.observed.runs.get(record.run));
  const standing = await standingAnswer(engine, gate, seen.workspace.settings.operators);
  if (form === undefined || standing === null) {
    const hint = `git branch ${record.branch} ${record.head}   brings it back`;
    return refused("failed", `the form of "${record.title}" is gone from ${record.branch}`, hint);
  }
  if (!isGiven(given)) return shown(record, standing);
  const fields = fieldsOf(form, given);
  const isSame = fields.ok && saysTheSame(standing, fields.values);
  const settled = settledBefore(seen, record, isSame);
  if (settled !== undefined) return settled;
  return fields.ok
    ? answered(engine, seen, { gate, form, standing, values: fields.values })
    : fields.refusal;
}

/** The file itself: what is printed can be filled in and given back. */
function shown(record: GateRecord, { path, text }: StandingAnswer): Answer {
  const commands = [
    assentCommand(record),
    `fettle answer ${shellWord(record.id)} --file answer.yaml`,
    `fettle reject ${shellWord(record.id)} --reason "..."`,
  ];
  const how = commands.map((command) => `#   ${command}\n`).join("");
  return {
    exit: "ok",
    text: `${linesOf(text)}\n\n${how}`,
    json: { ...record, path, text },
  };
}

function linesOf(text: string): string {
  return text.trimEnd().split(/\r?\n/u).map(terminalText).join("\n");
}

/** Why one of these gates cannot be approved as it stands: a question without its answer; undefined when they can. */
export async function unanswered(
  engine: Engine,
  { observed, workspace }: Sight,
  gates: readonly GateRecord[],
): Promise<Answer | undefined> {
  for (const { id, run } of gates) {
    const gate = observed.gates.get(id);
    const form = gate && formOf(gate.record, observed.runs.get(run));
    const { operators } = workspace.settings;
    const standing = form && (await standingAnswer(engine, gate, operators));
    const problem = standing ? standingProblem(standing, form) : null;
    if (gate === undefined || problem === null) continue;
    const message = `"${gate.record.title}" is a question without an answer: ${problem}`;
    return refused("refused", terminalText(message), assentCommand(gate.record));
  }
  return undefined;
}

/** Why there is nothing to answer any more; the same answer once more is no mistake. */
function settledBefore(seen: Sight, record: GateRecord, isSame: boolean): Answer | undefined {
  const rejection = rejectionTold(seen, record);
  if (rejection !== undefined) return refused("refused", rejection, "fettle reconcile   does it");
  const answer = answersIn(seen.plan).get(record.id);
  if (answer === undefined) return undefined;
  const message = `"${record.title}" is ${answer.decision} already, by ${answer.by}`;
  if (!isSame || answer.via !== "merge") return refused("refused", message, GOES_ON);
  const json = { gate: record.id, commit: seen.workspace.commit };
  return { exit: "ok", text: `${message}, with the same words\n  ${GOES_ON}\n`, json };
}

const GOES_ON = "fettle reconcile   goes on from here";

type FieldsGiven =
  | { readonly ok: true; readonly values: Fields }
  | { readonly ok: false; readonly refusal: Answer };

/** What stands in the file, then what stands on the command line. */
function fieldsOf(form: AskForm, { set, file }: Given): FieldsGiven {
  const words = fieldsFrom(form, set);
  if (!words.ok) return { ok: false, refusal: refused("usage", words.reason, "--set amount=5") };
  if (file === null) return words;
  const text = textAt(file);
  if (text === undefined)
    return { ok: false, refusal: refused("usage", `${file} cannot be read`, "") };
  const read = readAnswerFile(text);
  if (!read.ok) return unfitFile(`${file}:${read.at}: ${read.reason}`);
  const [wrong] = formProblems(form, { ...read.outputs, ...words.values });
  if (wrong !== undefined && wrong.kind !== "missing" && Object.hasOwn(read.outputs, wrong.field)) {
    const { line, col } = read.locate(`/${wrong.field}`, wrong.kind === "value" ? "value" : "key");
    return unfitFile(`${file}:${line}:${col}: ${problemWords(wrong)}`);
  }
  return { ok: true, values: { ...read.outputs, ...words.values } };
}

function unfitFile(message: string): FieldsGiven {
  return { ok: false, refusal: refused("usage", terminalText(message), NOTHING_DONE) };
}

const NOTHING_DONE = "nothing was answered: mend it, and try again";

function textAt(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

interface Answering {
  readonly gate: ObservedGate;
  readonly form: AskForm;
  readonly standing: StandingAnswer;
  readonly values: Fields;
}

async function answered(engine: Engine, seen: Sight, answering: Answering): Promise<Answer> {
  const { settings, commit: main } = seen.workspace;
  const answer = await answerGate(engine, { ...answering, operators: operatorsOf(settings), main });
  const { id, title } = answering.gate.record;
  switch (answer.kind) {
    case "unfit": {
      const [first = "", ...more] = answer.problems.map((one) => terminalText(problemWords(one)));
      return refused("usage", first, [...more, NOTHING_DONE].join("\n  "));
    }
    case "unreadable":
      return refused("failed", terminalText(answer.problem), "mend the file there, and commit");
    case "merged": {
      const { merged } = answer;
      if (!merged.ok) return refused(merged.exit, terminalText(merged.message), merged.hint);
      const where = merged.commit.slice(0, 7);
      const text = `answered "${title}": on main as ${where}\n  fettle reconcile   goes on from here\n`;
      return { exit: "ok", text, json: { gate: id, commit: merged.commit } };
    }
  }
}
