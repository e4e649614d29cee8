/** An ask step: a question to the operator with a form. It is opened, shown and settled as a gate is; the answer is data. */
import { membersOf } from "#runner/core/json-object.ts";
import { costOf } from "#runner/core/money/cost.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { keptApproval } from "#runner/core/earlier-run.ts";
import { evaluateValue } from "#runner/core/expression/evaluate.ts";
import { type Answer, defaultsOf, formProblems, withoutEmpty } from "./form.ts";
import { gatePlace, type GateOpen, type GateShown } from "./gate-action.ts";
import { decideGate } from "./gate-decision.ts";
import { proposalOf } from "./gate-proposal.ts";
import { gateRisk } from "./gate-risk.ts";
import { approvedBefore } from "./gate-step-plan.ts";
import type { Scope } from "#runner/core/run-scope.ts";
import { isLost } from "./settle-gate.ts";
import {
  acting,
  ended,
  held,
  stepHold,
  type RunContext,
  type StepPlan,
} from "#runner/core/step-plan.ts";
import type { AskForm, AskStep, GateDecision } from "#runner/schema/types.gen.ts";

export function planAskStep(context: RunContext, step: AskStep, scope: Scope): StepPlan {
  const { run, observed } = context;
  const decision = run.decisions.find((made) => made.step === step.id);
  if (decision !== undefined) return endOf(context, step, decision);
  const gate = [...observed.gates.values()].find(
    ({ record }) => record.run === run.record.id && record.step === step.id,
  );
  if (gate !== undefined) return decideGate(context, gate);
  const question = questionOf(step, scope);
  if (!question.ok) {
    return held(stepHold(context, step.id, { reason: "expression", why: question.reason }));
  }
  return ask(context, step, { ...question, scope });
}

type Question =
  | {
      readonly ok: true;
      readonly text: string;
      readonly about: string;
      readonly initial: Answer;
    }
  | { readonly ok: false; readonly reason: string };

const LONGEST_TEXT = 1_000;
const LONGEST_ABOUT = 8_000;

/** What is asked, and what the form begins with. */
function questionOf(
  { ask: question, about = "", form, default: given }: AskStep,
  scope: Scope,
): Question {
  const value = evaluateValue({ question, about, given: given ?? {} }, scope);
  if (!value.ok) return value;
  const { question: text, about: words, given: own } = membersOf(value.value);
  const initial = withoutEmpty({ ...defaultsOf(form), ...membersOf(own) });
  return {
    ok: true,
    text: cut(spelled(text), LONGEST_TEXT),
    about: cut(spelled(words).trim(), LONGEST_ABOUT),
    initial,
  };
}

function spelled(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

type Asked = Extract<Question, { ok: true }> & { readonly scope: Scope };

function ask(context: RunContext, step: AskStep, asked: Asked): StepPlan {
  const item = shownItem(context, step, asked);
  const operators = context.workspace.settings.operators.map(({ email }) => email);
  const kept = keptApproval(context.run, step.id, { digests: [item.digest], operators });
  if (kept !== undefined) return acting(approvedBefore(context, kept));
  return proposalOf(context, openAction(context, step, { ...asked, item }));
}

/** The digest names the question: whatever is answered, it is this that was asked. */
function shownItem(context: RunContext, { form }: AskStep, asked: Asked): GateShown {
  const { project, pipeline } = context.run.record;
  const { text, about, initial } = asked;
  return {
    show: "answer",
    key: null,
    step: null,
    digest: digestOf({ project, pipeline, ask: text, about, form, initial }),
    outputs: initial,
  };
}

const LONGEST_TITLE = 120;

function openAction(
  context: RunContext,
  step: AskStep,
  { text, about, initial, scope, item }: Asked & { readonly item: GateShown },
): GateOpen {
  const { record, attempts } = context.run;
  const risk = gateRisk(context, step, { items: 1, deliverables: [], scope });
  const [wrong] = formProblems(step.form, initial);
  const { onExpire = "keep" } = step;
  return {
    kind: "gate-open",
    project: record.project,
    because: `the run needs an answer: ${askedFirst(step.form, initial).join(", ")}`,
    answerWithinMs: step.answerBy === undefined ? null : durationMs(step.answerBy),
    items: [item],
    question: { text, about, form: step.form },
    gate: {
      ...gatePlace(record, { step: step.id }),
      title: cut(text.replaceAll(/\s+/gu, " ").trim(), LONGEST_TITLE),
      // What does not fit the form never counts as an answer.
      onExpire: onExpire === "default" && wrong !== undefined ? "keep" : onExpire,
      risk,
      deliverables: [],
      claims: [],
      costMicros: costOf(attempts),
      asks: [...askedFirst(step.form, initial)],
    },
  };
}

/** What cannot stay as it is; where nothing is like that, what must be there, or any of it. */
function askedFirst({ required = [], properties }: AskForm, initial: Answer): readonly string[] {
  const open = required.filter((name) => !Object.hasOwn(initial, name));
  const must = open.length > 0 ? open : required;
  return must.length > 0 ? must : Object.keys(properties);
}

function cut(text: string, most: number): string {
  const letters = Array.from(text);
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}

/** `steps.<ask>.outputs` is the answer. */
function endOf(context: RunContext, step: AskStep, made: GateDecision): StepPlan {
  const { decision, reason, items } = made;
  if (isLost(decision)) {
    const why = decision === "expired" ? "nobody answered in time" : `${decision}: ${reason}`;
    const value = { decision, outputs: null };
    return ended({ result: "rejected", value, failedItems: 0, reason: why });
  }
  const digest = items[0]?.outputs.digest ?? "";
  if (!context.run.values.has(digest)) {
    const why = "the answer is not in this clone";
    return held(stepHold(context, step.id, { reason: "payload-missing", why }));
  }
  const value = { decision, outputs: context.run.values.get(digest) };
  return ended({ result: "done", value, failedItems: 0, reason });
}
