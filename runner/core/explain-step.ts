/** What a step was given, what it made of it, who decided. */
import { costOf } from "./cost.ts";
import { actsOnRun, approveFacts, decisionFact, whyFacts } from "./explain-run.ts";
import {
  money,
  nextFacts,
  text,
  type Explanation,
  type Fact,
  type Known,
  type Section,
} from "./explanation.ts";
import { type RunHistory } from "./run-history.ts";
import { lastOfItems } from "./timeline.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

const troubleShown = 5;

export function explainStep(run: RunHistory, step: string, known: Known): Explanation {
  const attempts = run.attempts.filter((attempt) => attempt.step === step);
  const last = [...lastOfItems(attempts).values()];
  const decisions = run.decisions.filter((made) => made.step === step);
  const waiting = run.waiting.filter((gate) => gate.step === step);
  const given = last[0];
  return {
    title: `step ${step} of ${run.record.id}`,
    summary: summaryOf(last) || decisions[0]?.decision || "has not begun",
    sections: [
      { title: "why it ran", facts: whyFacts(run.record) },
      ...(given === undefined ? [] : attemptSections(given, last, attempts)),
      {
        title: "decisions",
        facts: [...decisions.map(decisionFact), ...waiting.flatMap(approveFacts)],
      },
      { title: "what is next", facts: run.end === null ? nextOfStep(run, step, known) : [] },
    ],
  };
}

function summaryOf(last: readonly AttemptRecord[]): string {
  const groups = Map.groupBy(last, ({ outcome }) => outcome ?? "under way");
  const [only] = last;
  if (only?.item === null)
    return `${only.outcome ?? "under way"}${only.reason && `: ${only.reason}`}`;
  return [...groups].map(([outcome, same]) => `${same.length} ${outcome}`).join(", ");
}

/** The first item stands for what they share; what went wrong is told one by one. */
function attemptSections(
  given: AttemptRecord,
  last: readonly AttemptRecord[],
  attempts: readonly AttemptRecord[],
): Section[] {
  return [
    { title: "with what", facts: givenFacts(given, last) },
    { title: "what came out", facts: resultFacts(last) },
    {
      title: "what it cost",
      facts: [
        money("in all", costOf(attempts)),
        text("basis", given.basis),
        text("attempts", String(attempts.length)),
      ],
    },
  ];
}

function givenFacts(given: AttemptRecord, last: readonly AttemptRecord[]): Fact[] {
  const recalled = new Set(last.flatMap(({ memory }) => memory.recalled.map(({ id }) => id)));
  const { model } = given;
  return [
    text("agent", `${given.agent} ${given.version} (${given.rung})`),
    ...(model === undefined ? [] : [text("model", `${model.provider} ${model.model}`)]),
    text("memory", recalled.size === 0 ? "nothing recalled" : [...recalled].join(", ")),
    { kind: "digest", label: "agent tree", digest: given.agentTree },
    { kind: "digest", label: "inputs", digest: given.inputs.digest },
    { kind: "digest", label: "step key", digest: given.key },
  ];
}

function resultFacts(last: readonly AttemptRecord[]): Fact[] {
  const files = last.flatMap(({ deliverables }) => deliverables.map(({ path }) => path));
  const rationale = last.find((attempt) => attempt.rationale !== "")?.rationale;
  const degraded = last.find((attempt) => attempt.degraded !== undefined)?.degraded;
  const learned = last.flatMap(({ memory }) => memory.admitted);
  const [only] = last;
  return [
    ...troubleFacts(last),
    ...(rationale === undefined ? [] : [text("rationale", rationale)]),
    ...(degraded === undefined ? [] : [text("degraded", degraded)]),
    ...(files.length === 0 ? [] : [text("files", foldList(files))]),
    ...(learned.length === 0 ? [] : [text("learned", foldList(learned))]),
    ...last.flatMap(effectFacts).slice(0, troubleShown),
    ...(only?.outputs
      ? [{ kind: "digest" as const, label: "outputs", digest: only.outputs.digest }]
      : []),
  ];
}

function troubleFacts(last: readonly AttemptRecord[]): Fact[] {
  const trouble = last.filter(
    ({ outcome }) => outcome !== "succeeded" && outcome !== "noop" && outcome !== null,
  );
  const shown = trouble
    .slice(0, troubleShown)
    .map(({ item, outcome, reason }) => text(item ?? "outcome", `${outcome}: ${reason}`));
  const more = trouble.length - shown.length;
  return more > 0 ? [...shown, text("and", `${more} more`)] : shown;
}

function effectFacts({ effect }: AttemptRecord): Fact[] {
  return effect === undefined ? [] : [text("effect", `${effect.onceKey}, time ${effect.ordinal}`)];
}

function foldList(words: readonly string[]): string {
  const shown = words.slice(0, troubleShown).join(", ");
  return words.length > troubleShown ? `${shown} and ${words.length - troubleShown} more` : shown;
}

function nextOfStep(run: RunHistory, step: string, known: Known): Fact[] {
  const { id } = run.record;
  return nextFacts(known.plan, {
    action: (action) => actsOnRun(action, id) && (!("step" in action) || action.step === step),
    hold: ({ subject }) => subject === `step:${id}/${step}` || subject === `run:${id}`,
  });
}
