/** What a step was given, what it made of it, who decided. */
import { costOf } from "#runner/core/money/cost.ts";
import {
  answerFacts,
  actsOnRun,
  approveFacts,
  callFacts,
  decisionFact,
  whyFacts,
} from "./explain-run.ts";
import {
  foldList,
  instant,
  money,
  nextFacts,
  text,
  type Explanation,
  type Fact,
  type Known,
  type Section,
} from "#runner/core/explanation.ts";
import { learnedFacts } from "./explain-learned.ts";
import { doubtWords, leftDoubt } from "#runner/core/left-doubt.ts";
import type { ChildRun, RunHistory } from "#runner/core/run-history.ts";
import { lastOfItems } from "#runner/core/timeline.ts";
import type { AttemptRecord, WaitRecord } from "#runner/schema/types.gen.ts";

const troubleShown = 5;
const childrenShown = 20;

interface Unit {
  readonly step: string;
  readonly item: string | null;
}

/** A step of a run; with an item, what concerns this one. */
export function explainStep(run: RunHistory, { step, item }: Unit, known: Known): Explanation {
  const attempts = run.attempts.filter(
    (attempt) => attempt.step === step && (item === null || attempt.item === item),
  );
  const last = [...lastOfItems(attempts).values()];
  const decisions = run.decisions.filter((made) => made.step === step);
  const waiting = run.waiting.filter((gate) => gate.step === step);
  const given = last[0];
  const children = childrenOf(run, { step, item });
  const waits = run.waits.filter((wait) => wait.step === step);
  const told = [
    summaryOf(last, known),
    childSummary(children),
    decisions[0]?.decision,
    waits[0]?.reason,
  ];
  const words = told.find((one) => one !== undefined && one !== "") ?? "";
  return {
    title: `step ${step}${item === null ? "" : `[${item}]`} of ${run.record.id}`,
    summary: words === "" ? notBegun(run, known) : words,
    sections: [
      { title: "why it ran", facts: whyFacts(run.record) },
      ...(given === undefined ? [] : attemptSections({ given, last, attempts }, known)),
      ...waits.map(waitSection),
      ...childSections(children),
      {
        title: "decisions",
        facts: [
          ...decisions.flatMap((made) => [decisionFact(made), ...answerFacts(made)]),
          ...(item === null ? [] : itemDecisions(run, item)),
          ...waiting.flatMap((gate) => approveFacts(gate, known)),
        ],
      },
      { title: "what is next", facts: nextOfStep(run, { step, item }, known) },
    ],
  };
}

function notBegun({ record }: RunHistory, { observed }: Known): string {
  return observed.runs.has(record.id)
    ? "has not begun"
    : "did nothing: it was skipped, had no items, or the run ended before it";
}

function waitSection({ since, until, at, outcome }: WaitRecord): Section {
  return {
    title: "how it waited",
    facts: [
      text("outcome", outcome),
      ...instant("since", since),
      ...instant("until", until),
      ...instant("seen", at),
    ],
  };
}

function summaryOf(last: readonly AttemptRecord[], known: Known): string {
  const groups = Map.groupBy(last, ({ outcome }) => outcome ?? "under way");
  const [only] = last;
  if (only !== undefined && last.length === 1)
    return `${only.outcome ?? "under way"}${only.reason && `: ${only.reason}`}${sinceWords(only, known)}`;
  return [...groups].map(([outcome, same]) => `${same.length} ${outcome}`).join(", ");
}

function childSummary(children: readonly ChildRun[]): string {
  const groups = Map.groupBy(children, ({ outcome }) => outcome ?? "under way");
  return [...groups].map(([outcome, same]) => `${same.length} ${outcome}`).join(", ");
}

function childrenOf({ children }: RunHistory, unit: Unit): readonly ChildRun[] {
  return children.filter(
    ({ step, item }) => step === unit.step && (unit.item === null || item === unit.item),
  );
}

function childSections(children: readonly ChildRun[]): Section[] {
  return children.length === 0 ? [] : [{ title: "in which runs", facts: childFacts(children) }];
}

function childFacts(children: readonly ChildRun[]): Fact[] {
  const shown = children
    .slice(0, childrenShown)
    .map(({ item, run, outcome }) =>
      text(item ?? "run", `${run}: ${childWord[outcome ?? "open"]}`),
    );
  const more = children.length - shown.length;
  return more > 0 ? [...shown, text("and", `${more} more`)] : shown;
}

const childWord = {
  open: "under way",
  succeeded: "succeeded",
  noop: "it was handled there before",
  failed: "failed",
} as const;

/** Of an effect that was in doubt for a time. */
function sinceWords(attempt: AttemptRecord, known: Known): string {
  return doubtWords(leftDoubt(attempt, known));
}

interface Attempts {
  readonly given: AttemptRecord;
  /** Of each item. */
  readonly last: readonly AttemptRecord[];
  readonly attempts: readonly AttemptRecord[];
}

/** The first item stands for what they share; what went wrong is told one by one. */
function attemptSections({ given, last, attempts }: Attempts, known: Known): Section[] {
  return [
    { title: "with what", facts: givenFacts(given, last) },
    { title: "what came out", facts: resultFacts(last, known) },
    {
      title: "what it cost",
      facts: [
        money("in all", costOf(attempts)),
        text("basis", given.basis),
        ...iterationFacts(attempts),
        text("attempts", String(attempts.length)),
      ],
    },
    { title: "what models were asked", facts: callFacts(attempts) },
  ];
}

function iterationFacts(attempts: readonly AttemptRecord[]): Fact[] {
  const iterations = attempts.flatMap(({ iteration }) => iteration ?? []);
  return iterations.length === 0 ? [] : [text("iterations", String(Math.max(...iterations)))];
}

function givenFacts(given: AttemptRecord, last: readonly AttemptRecord[]): Fact[] {
  const recalled = new Set(last.flatMap(({ memory }) => memory.recalled.map(({ id }) => id)));
  const { model } = given;
  const { withoutVectors } = given.memory;
  return [
    text("agent", `${given.agent} ${given.version}${given.rung === "" ? "" : ` (${given.rung})`}`),
    ...(model === undefined ? [] : [text("model", `${model.provider} ${model.model}`)]),
    text("memory", recalled.size === 0 ? "nothing recalled" : [...recalled].join(", ")),
    ...(withoutVectors === undefined ? [] : [text("found by words", withoutVectors)]),
    { kind: "digest", label: "agent tree", digest: given.agentTree },
    { kind: "digest", label: "inputs", digest: given.inputs.digest },
    { kind: "digest", label: "step key", digest: given.key },
  ];
}

function resultFacts(last: readonly AttemptRecord[], known: Known): Fact[] {
  const files = last.flatMap(({ deliverables }) => deliverables.map(({ path }) => path));
  const rationale = last.find((attempt) => attempt.rationale !== "")?.rationale;
  const degraded = last.find((attempt) => attempt.degraded !== undefined)?.degraded;
  const [only] = last;
  return [
    ...troubleFacts(last, known),
    ...takenOverFacts(last),
    ...noopFacts(last),
    ...(rationale === undefined ? [] : [text("rationale", rationale)]),
    ...(degraded === undefined ? [] : [text("degraded", degraded)]),
    ...(files.length === 0 ? [] : [text("files", foldList(files))]),
    ...learnedFacts(last),
    ...last.flatMap(effectFacts).slice(0, troubleShown),
    ...(only === undefined ? [] : payloadFacts(only, last.length)),
  ];
}

/** What came out in full is told of one attempt; of several, where to find it. */
function payloadFacts(only: AttemptRecord, count: number): Fact[] {
  const { run, step, item, outputs, log } = only;
  if (count > 1) {
    const words = ["fettle", "explain", `${run}/${step}[${item}]`];
    return [{ kind: "command", label: "in full", words }];
  }
  const cited = [
    { of: "outputs" as const, citation: outputs },
    { of: "log" as const, citation: log },
  ];
  return cited.flatMap(({ of, citation }) =>
    citation ? [{ kind: "payload" as const, label: of, of, citation, text: null }] : [],
  );
}

function troubleFacts(last: readonly AttemptRecord[], known: Known): Fact[] {
  const trouble = last.filter(
    ({ outcome }) => outcome !== "succeeded" && outcome !== "noop" && outcome !== null,
  );
  const shown = trouble
    .slice(0, troubleShown)
    .map((attempt) => text(attempt.item ?? "outcome", troubleText(attempt, known)));
  const more = trouble.length - shown.length;
  return more > 0 ? [...shown, text("and", `${more} more`)] : shown;
}

function troubleText(attempt: AttemptRecord, known: Known): string {
  return `${attempt.outcome}: ${attempt.reason}${sinceWords(attempt, known)}`;
}

/** Runs whose results were taken over. */
function takenOverFacts(last: readonly AttemptRecord[]): Fact[] {
  const runs = new Set(
    last.flatMap(({ keptFrom }) => (keptFrom === undefined ? [] : [keptFrom.run])),
  );
  return runs.size === 0 ? [] : [text("taken over from", foldList([...runs]))];
}

/** Why nothing was done, each reason once. */
function noopFacts(last: readonly AttemptRecord[]): Fact[] {
  const idle = last.filter(({ outcome, reason }) => outcome === "noop" && reason !== "");
  const groups = Map.groupBy(idle, ({ reason }) => reason);
  return [...groups].slice(0, troubleShown).map(([reason, same]) => {
    const items = same.flatMap(({ item }) => (item === null ? [] : [item]));
    return text("noop", items.length === 0 ? reason : `${foldList(items)}: ${reason}`);
  });
}

/** What people decided on the item, wherever it was shown. */
function itemDecisions({ decisions }: RunHistory, item: string): Fact[] {
  return decisions.flatMap((made) =>
    made.items
      .filter(({ key }) => key === item)
      .map(({ decision }) => text(made.step, `${decision} by ${made.by}`)),
  );
}

function effectFacts({ effect }: AttemptRecord): Fact[] {
  return effect === undefined ? [] : [text("effect", `${effect.onceKey}, time ${effect.ordinal}`)];
}

function nextOfStep(
  run: RunHistory,
  { step, item }: { readonly step: string; readonly item: string | null },
  known: Known,
): Fact[] {
  if (run.end !== null) return [];
  const { id } = run.record;
  const saved = run.saved.filter(
    (record) => record.step === step && (item === null || record.item === item),
  );
  return [
    ...saved.slice(0, troubleShown).map(savedFact),
    ...nextFacts(known.plan, {
      action: (action) => actsOnRun(action, id) && (!("step" in action) || action.step === step),
      hold: ({ subject }) => subject === `step:${id}/${step}` || subject === `run:${id}`,
    }),
  ];
}

function savedFact({ item, attempt, checkpoints }: RunHistory["saved"][number]): Fact {
  const names = foldList(Object.keys(checkpoints));
  const owner = item === null ? "" : `${item}: `;
  return text("saved", `${owner}${names}, by attempt ${attempt}; the next one goes on from there`);
}
