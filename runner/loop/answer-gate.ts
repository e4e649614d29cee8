/** Answering a question from the command line: the edit and the merge that the operator would make by hand. */
import { canonicalJson } from "#runner/core/canonical-json.ts";
import {
  type Answer,
  type FormProblem,
  formProblems,
  withoutEmpty,
} from "#runner/core/gate/form.ts";
import { isOperators } from "#runner/core/gate/gate-state.ts";
import type { ObservedGate, OpenRun } from "#runner/core/model.ts";
import { proposedBy } from "#runner/core/gate/proposed.ts";
import { isAskStep, stepNamed } from "#runner/core/step-graph.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { changeAnswerFile, checkAnswerFile, readAnswerFile } from "#runner/schema/answer-file.ts";
import type { AskForm, GateRecord, Workspace } from "#runner/schema/types.gen.ts";
import { approveAlone } from "./approve-alone.ts";
import { approveGate, type Approved } from "./approve.ts";
import type { Engine } from "./engine.ts";
import { commitAsOperator } from "./operator-commit.ts";

/** undefined: it asks for approval, or its step is not known here. */
export function formOf(
  { asks, step }: GateRecord,
  run: Pick<OpenRun, "pipeline"> | undefined,
): AskForm | undefined {
  const asking =
    run === undefined || asks === undefined ? undefined : stepNamed(run.pipeline, step);
  return asking !== undefined && isAskStep(asking) ? asking.form : undefined;
}

/** The file in which it is answered, as it stands where the answer is looked for. */
export interface StandingAnswer {
  readonly path: string;
  readonly text: string;
  /** A stranger has brought another one to main, which is no answer. */
  readonly isForeign: boolean;
}

/** null: the branch, or the file, is gone. What a stranger brought to main is nobody's answer: the form is as it was proposed. */
export async function standingAnswer(
  { store: { reader } }: Engine,
  gate: ObservedGate,
  operators: Workspace["operators"],
): Promise<StandingAnswer | null> {
  const { record, facts } = gate;
  const [item] = record.items;
  const { onMain, branchHead } = facts;
  const isForeign = onMain !== null && !isOperators({ gate, operators });
  const commit = isForeign ? record.head : (onMain?.commit ?? branchHead);
  if (item === undefined || commit === null) return null;
  const text = (await reader.readBlob(`${commit}:${item.path}`))?.toString("utf8");
  return text === undefined ? null : { path: item.path, text, isForeign };
}

/** What stands there says the same in these fields. */
export function saysTheSame({ text }: StandingAnswer, values: Answer): boolean {
  const standing = readAnswerFile(text);
  if (!standing.ok) return false;
  const changed = withoutEmpty({ ...standing.outputs, ...values });
  return canonicalJson(changed) === canonicalJson(standing.outputs);
}

/** `file:line:col: what is wrong`; null when what stands there is an answer. */
export function standingProblem({ path, text }: StandingAnswer, form: AskForm): string | null {
  const { problem, at } = checkAnswerFile(text, form);
  return problem === null ? null : `${path}:${at ?? "1:1"}: ${problem}`;
}

interface Answering {
  readonly gate: ObservedGate;
  readonly form: AskForm;
  readonly standing: StandingAnswer;
  /** By field; null empties one. */
  readonly values: Answer;
  /** E-mails of the operators. */
  readonly operators: readonly string[];
  readonly main: string;
}

export type Answered =
  | { readonly kind: "merged"; readonly merged: Approved }
  /** Nothing was written. */
  | { readonly kind: "unfit"; readonly problems: readonly FormProblem[] }
  | { readonly kind: "unreadable"; readonly problem: string };

export async function answerGate(engine: Engine, answering: Answering): Promise<Answered> {
  const { form, standing, values } = answering;
  const before = readAnswerFile(standing.text);
  if (!before.ok) {
    return { kind: "unreadable", problem: `${standing.path}:${before.at}: ${before.reason}` };
  }
  const problems = formProblems(form, withoutEmpty({ ...before.outputs, ...values }));
  if (problems.length > 0) return { kind: "unfit", problems };
  const content = changeAnswerFile(standing.text, values);
  const isChanged = standing.isForeign || content !== standing.text;
  const changes = isChanged ? [{ path: standing.path, content }] : [];
  return { kind: "merged", merged: await merge(engine, answering, changes) };
}

/** Where a wrong answer was merged already, it is mended on main. */
async function merge(
  engine: Engine,
  { gate, standing, operators, main }: Answering,
  changes: readonly FileChange[],
): Promise<Approved> {
  const { record, facts } = gate;
  if (facts.onMain !== null) {
    const message = `Answer: ${record.title}\n\nFettle-Gate: ${record.id}\n`;
    const words = { done: "answered on main", again: "answer" };
    const files = standing.isForeign ? [...changes, await ownRecord(engine, record)] : changes;
    return commitAsOperator(engine, { main, files, message, words });
  }
  if (record.briefing !== undefined)
    return approveAlone(engine, { gate, operators, main, word: "Answer", changes });
  const approval = { gate: proposedBy(record), operators, main, head: facts.branchHead, changes };
  return approveGate(engine, { ...approval, word: "Answer" });
}

/** The record as it was proposed, with a word that makes it the operator's. */
async function ownRecord(
  { store: { reader } }: Engine,
  { folder, head }: GateRecord,
): Promise<FileChange> {
  const path = `${folder}/decision.md`;
  const proposed = (await reader.readBlob(`${head}:${path}`))?.toString("utf8") ?? "";
  return { path, content: `${proposed}\nAnswered after a merge by somebody else.\n` };
}
