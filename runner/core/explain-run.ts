/** Why a run began, what it did, what it cost, what comes next. */
import { costOf } from "./cost.ts";
import {
  instant,
  money,
  nextFacts,
  text,
  type Explanation,
  type Fact,
  type Known,
} from "./explanation.ts";
import { triggerText, type RunHistory } from "./run-history.ts";
import { timelineOf, type TimelineStep } from "./timeline.ts";
import type { Action } from "./action.ts";
import type { GateDecision, GateRecord, RunRecord } from "#runner/schema/types.gen.ts";

export function explainRun(run: RunHistory, known: Known): Explanation {
  const { record, end } = run;
  const steps = timelineOf(run, record.startedAt, 1).steps;
  return {
    title: `run ${record.id}`,
    summary: end === null ? openSummary(run) : `${end.result}: ${end.reason}`,
    sections: [
      { title: "why it ran", facts: whyFacts(record) },
      { title: "what it did", facts: steps.map((step) => text(step.step, stepSummary(step))) },
      { title: "what it cost", facts: costFacts(run) },
      { title: "decisions", facts: run.decisions.map(decisionFact) },
      { title: "what is next", facts: end === null ? openNext(run, known) : [] },
    ],
  };
}

function openSummary(run: RunHistory): string {
  const [gate] = run.waiting;
  return gate === undefined ? "under way" : `waits for you: ${gate.title}`;
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
  const tries = step.attempts > (step.items ?? 1) ? `, ${step.attempts} attempts in all` : "";
  const degraded = step.degraded === null ? "" : `, degraded: ${step.degraded}`;
  return `${results.join(", ")}${tries}${degraded}`;
}

function costFacts(run: RunHistory): Fact[] {
  const paid = Map.groupBy(
    run.attempts.filter(({ costMicros }) => costMicros > 0),
    ({ step }) => step,
  );
  return [
    money("in all", costOf(run.attempts)),
    ...[...paid].map(([step, attempts]) => money(step, costOf(attempts))),
  ];
}

export function decisionFact(made: GateDecision): Fact {
  return text(made.step, `${made.decision} by ${made.by} (${made.via}): ${made.reason}`);
}

function openNext(run: RunHistory, known: Known): Fact[] {
  const { id } = run.record;
  return [
    ...run.waiting.flatMap(approveFacts),
    ...nextFacts(known.plan, {
      action: (action) => actsOnRun(action, id),
      hold: ({ subject }) => subject === `run:${id}` || subject.startsWith(`step:${id}/`),
    }),
  ];
}

export function approveFacts(gate: Pick<GateRecord, "id" | "branch">): Fact[] {
  return [
    { kind: "command", label: "look", words: ["git", "diff", `main...${gate.branch}`] },
    { kind: "command", label: "approve", words: ["fettle", "approve", gate.id] },
    { kind: "command", label: "reject", words: ["fettle", "reject", gate.id, "--reason", "..."] },
  ];
}

/** True when the action goes on with this run. */
export function actsOnRun(action: Action, run: string): boolean {
  if (action.kind === "gate-open") return action.gate.run === run;
  return "run" in action && action.run === run;
}
