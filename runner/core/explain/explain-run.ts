/** Why a run began, what it did, what it cost, what comes next. */
import { callWords, pricesOf } from "#runner/core/call-words.ts";
import { costOf } from "#runner/core/money/cost.ts";
import {
  foldList,
  instant,
  money,
  nextFacts,
  text,
  type Explanation,
  type Fact,
  type Known,
} from "#runner/core/explanation.ts";
import { answersIn, answerText } from "#runner/core/gate/gate-answer.ts";
import { doubtFacts } from "./explain-effect.ts";
import { learnedFacts } from "./explain-learned.ts";
import { comparedWords, forecastWords } from "#runner/core/forecast-words.ts";
import { assentWords } from "#runner/core/gate/gate-command.ts";
import { lookCommands } from "#runner/core/gate/gate-branch.ts";
import { measuredGoal } from "#runner/core/goal.ts";
import { triggerText, type RunHistory } from "#runner/core/run-history.ts";
import { lastOfItems, timelineOf, type TimelineStep } from "#runner/core/timeline.ts";
import { undonePipeline } from "#runner/core/undo/undo-pipeline.ts";
import type { Action } from "#runner/core/action.ts";
import type {
  AttemptRecord,
  GateDecision,
  GateRecord,
  RunRecord,
} from "#runner/schema/types.gen.ts";

export function explainRun(run: RunHistory, known: Known): Explanation {
  const { record, end } = run;
  const steps = timelineOf(run, record.startedAt, 1).steps;
  return {
    title: `run ${record.id}`,
    summary: end === null ? openSummary(run, known) : `${end.result}: ${end.reason}`,
    sections: [
      { title: "why it ran", facts: whyFacts(record) },
      {
        title: "what it did",
        facts: steps.map((step) =>
          text(
            step.step,
            `${stepSummary(step)}${noopWords(run, step.step)}${childWords(run, step.step)}`,
          ),
        ),
      },
      { title: "what it cost", facts: costFacts(run) },
      { title: "what models were asked", facts: callFacts(run.attempts) },
      { title: "what was remembered", facts: learnedFacts(run.attempts) },
      { title: "decisions", facts: run.decisions.map(decisionFact) },
      { title: "what is next", facts: end === null ? openNext(run, known) : endedNext(run, known) },
    ],
  };
}

function openSummary(run: RunHistory, known: Known): string {
  const [gate] = run.waiting;
  if (gate !== undefined) return gateSummary(gate, known);
  const { id } = run.record;
  const asked = known.plan.holds.find(
    ({ reason, subject }) => reason === "awaiting-approval" && subject.startsWith(`step:${id}/`),
  );
  return asked === undefined ? "under way" : `waits for your word: ${asked.why}`;
}

/** Whether a person is waited for, or has answered already. */
export function gateSummary({ id, title }: GateRecord, { plan }: Known): string {
  const answer = answersIn(plan).get(id);
  return answer === undefined ? `waits for you: ${title}` : `${title}: ${answerText(answer)}`;
}

/** Trigger, reason and the files that it saw. */
export function whyFacts(record: RunRecord): Fact[] {
  const { overlay } = record.base;
  return [
    text("because", record.because),
    text("trigger", triggerText(record.trigger)),
    ...instant("started", record.startedAt),
    ...commitFacts(record),
    ...(overlay.length === 0 ? [] : [text("with", `files not yet on main: ${overlay.length}`)]),
    ...paramFacts(record),
  ];
}

function commitFacts({ desired, base }: RunRecord): Fact[] {
  if (desired === base.commit) return [{ kind: "commit", label: "commit", id: desired }];
  return [
    { kind: "commit", label: "pipeline of", id: desired },
    { kind: "commit", label: "files of", id: base.commit },
  ];
}

function paramFacts({ params }: RunRecord): Fact[] {
  const given = Object.entries(params);
  if (given.length === 0) return [];
  return [
    text("params", given.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ")),
  ];
}

function stepSummary(step: TimelineStep): string {
  const results = step.results.map(({ word, count }) =>
    step.items === null ? word : `${count} ${word}`,
  );
  const tries = triesText(step);
  const degraded = step.degraded === null ? "" : `, degraded: ${step.degraded}`;
  return `${results.join(", ")}${tries}${degraded}`;
}

function triesText({ attempts, items, iterations }: TimelineStep): string {
  if (iterations !== null && iterations > 1) return `, ${iterations} iterations`;
  return attempts > (items ?? 1) ? `, ${attempts} attempts in all` : "";
}

/** ": done on 2026-11-20, once only", when attempts of the step had nothing to do. */
function noopWords({ attempts }: RunHistory, step: string): string {
  const last = [...lastOfItems(attempts.filter((attempt) => attempt.step === step)).values()];
  const reasons = last.flatMap(({ outcome, reason }) => (outcome === "noop" ? [reason] : []));
  const said = [...new Set(reasons)].filter((reason) => reason !== "");
  return said.length === 0 ? "" : `: ${foldList(said)}`;
}

/** ": in handle.k3f9q2m7x0aa, …", when the step handed its items to other runs. */
function childWords({ children }: RunHistory, step: string): string {
  const runs = children.flatMap((child) => (child.step === step ? [child.run] : []));
  return runs.length === 0 ? "" : `: in ${foldList(runs)}`;
}

function costFacts(run: RunHistory): Fact[] {
  const paid = Map.groupBy(
    run.attempts.filter(({ costMicros }) => costMicros > 0),
    ({ step }) => step,
  );
  return [
    money("in all", costOf(run.attempts)),
    ...forecastFacts(run),
    ...[...paid].map(([step, attempts]) => money(step, costOf(attempts))),
  ];
}

/** What was expected when it began, and how it came. */
function forecastFacts({ record: { forecast }, attempts, end }: RunHistory): Fact[] {
  if (forecast === undefined) return [];
  const compared = end === null ? "" : `: ${comparedWords(forecast, costOf(attempts))}`;
  return [text("forecast was", `${forecastWords(forecast)}${compared}`)];
}

const callsShown = 50;

/** Requests to models, one by one, and the prices that they were settled by. */
export function callFacts(attempts: readonly AttemptRecord[]): Fact[] {
  const calls = callWords(attempts);
  const more = calls.length - callsShown;
  return [
    ...calls.slice(0, callsShown).map((call) => text(call.of, call.text)),
    ...(more > 0 ? [text("and", `${more} more: fettle timeline --verbose has all`)] : []),
    ...pricesOf(attempts).map((digest) => ({ kind: "digest" as const, label: "prices", digest })),
  ];
}

export function decisionFact(made: GateDecision): Fact {
  const changed = made.decision === "approved" ? changedWords(made) : "";
  return text(made.step, `${made.decision} by ${made.by} (${made.via}): ${made.reason}${changed}`);
}

/** What was answered to a question; none of an approval. */
export function answerFacts({ decision, items }: GateDecision): Fact[] {
  if (decision !== "answered" && decision !== "defaulted") return [];
  return items.map(({ outputs: citation }) => {
    return { kind: "payload", of: "outputs", label: "answer", citation, text: null } as const;
  });
}

/** "; edited INV-2; rejected INV-5": what is not as it was proposed. */
function changedWords({ items }: GateDecision): string {
  return (["edited", "rejected"] as const)
    .map((word) => ({ word, keys: itemNames(items.filter(({ decision }) => decision === word)) }))
    .map(({ word, keys }) => (keys.length === 0 ? "" : `; ${word} ${foldList(keys)}`))
    .join("");
}

export function itemNames(items: GateDecision["items"]): string[] {
  return items.map(({ key, show }) => key ?? show);
}

function openNext(run: RunHistory, known: Known): Fact[] {
  const { id } = run.record;
  return [
    ...doubtFacts(run.attempts, known),
    ...run.waiting.flatMap((gate) => approveFacts(gate, known)),
    ...nextFacts(known.plan, {
      action: (action) => actsOnRun(action, id),
      hold: ({ subject }) => subject === `run:${id}` || subject.startsWith(`step:${id}/`),
    }),
  ];
}

/** Nothing more happens by itself: what the operator can say of its effects, and do about a failure. */
export function endedNext(
  { record: { id, pipeline }, attempts, end }: Pick<RunHistory, "record" | "attempts" | "end">,
  known: Known,
): Fact[] {
  const isOfPipeline = measuredGoal(pipeline) === null && undonePipeline(pipeline) === null;
  return [
    ...doubtFacts(attempts, known),
    ...(isOfPipeline && end?.result === "failed"
      ? [{ kind: "command" as const, label: "again", words: ["fettle", "retry", id] }]
      : []),
  ];
}

/** What the operator can type at a gate that has no answer yet. */
export function approveFacts(
  gate: Pick<GateRecord, "id" | "branch" | "asks">,
  { branches = new Map(), plan }: Pick<Known, "branches" | "plan">,
): Fact[] {
  if (answersIn(plan).has(gate.id)) return [];
  const { fetch, look } = lookCommands(gate.branch, branches);
  return [
    ...(fetch === null ? [] : [{ kind: "command" as const, label: "fetch", words: fetch }]),
    { kind: "command", label: "look", words: look },
    {
      kind: "command",
      label: gate.asks === undefined ? "approve" : "answer",
      words: assentWords(gate),
    },
    { kind: "command", label: "reject", words: ["fettle", "reject", gate.id, "--reason", "..."] },
  ];
}

/** True when the action goes on with this run. */
export function actsOnRun(action: Action, run: string): boolean {
  if (action.kind === "gate-open") return action.gate.run === run;
  return "run" in action && action.run === run;
}
