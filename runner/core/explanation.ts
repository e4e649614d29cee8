/** What an explanation is made of: labelled facts in sections; how they are worded and coloured is the report's affair. */
import type { Branches } from "#runner/core/gate/gate-branch.ts";
import type { LevelStanding } from "./slo.ts";
import { levelWords } from "./slo-words.ts";
import type { Action, Hold, Plan } from "./action.ts";
import type { Observed, Workspace } from "./model.ts";
import type { Burial } from "./payload-tombstones.ts";
import type { Citation, ClosedRun, Slo } from "#runner/schema/types.gen.ts";

/** Everything that an explanation may draw on. */
export interface Known {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly plan: Plan;
  /** Closed runs by id, as far as they were read. */
  readonly closed: ReadonlyMap<string, ClosedRun>;
  /** Where the branches of the gates are; all here when left out. */
  readonly branches?: Branches;
}

export type Fact = { readonly label: string } & (
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "money"; readonly micros: number }
  | { readonly kind: "instant"; readonly at: string }
  /** A git id: short, or whole on demand. */
  | { readonly kind: "commit"; readonly id: string }
  /** Machinery: shown on demand only. */
  | { readonly kind: "digest"; readonly digest: string }
  /** What an attempt gave or wrote beside it, by content; `text` is null where the payload is not here, `gone` says that it was taken away. */
  | {
      readonly kind: "payload";
      readonly of: "outputs" | "log";
      readonly citation: Citation;
      readonly text: string | null;
      readonly gone?: Burial;
    }
  /** What the operator can type. */
  | { readonly kind: "command"; readonly words: readonly string[] }
);

export interface Section {
  readonly title: string;
  readonly facts: readonly Fact[];
}

export interface Explanation {
  readonly title: string;
  /** What it is or what became of it, in a sentence. */
  readonly summary: string;
  readonly sections: readonly Section[];
}

export function text(label: string, value: string): Fact {
  return { kind: "text", label, text: value };
}

export function money(label: string, micros: number): Fact {
  return { kind: "money", label, micros };
}

export function instant(label: string, at: string | null | undefined): Fact[] {
  return at === null || at === undefined ? [] : [{ kind: "instant", label, at }];
}

/** Service levels with what was measured. */
export function levelSection(slo: Slo | undefined, standing: LevelStanding): Section {
  const facts = levelWords(slo, standing).map((level) => text(level.name, level.text));
  return { title: "service levels", facts };
}

const wordsShown = 5;

/** The first words of a list and how many more there are. */
export function foldList(words: readonly string[]): string {
  const shown = words.slice(0, wordsShown).join(", ");
  return words.length > wordsShown ? `${shown} and ${words.length - wordsShown} more` : shown;
}

export interface Concerns {
  readonly action: (action: Action) => boolean;
  readonly hold: (hold: Hold) => boolean;
}

/** What the plan does with a thing, and what it holds and why; when neither, when it looks again. */
export function nextFacts(plan: Plan, concerns: Concerns): Fact[] {
  const facts = planFacts(plan, concerns);
  if (facts.length > 0) return facts;
  return [text("nothing", "no action is due now"), ...instant("next look", plan.nextWake)];
}

const actionsShown = 5;
const holdsShown = 4;

/** The same without the last resort; what reads the same is told once. */
export function planFacts(plan: Plan, concerns: Concerns): Fact[] {
  const actions = plan.actions.filter((action) => concerns.action(action)).map(actionText);
  const holds = plan.holds.filter((hold) => concerns.hold(hold)).slice(0, holdsShown);
  return [
    ...[...new Set(actions)].slice(0, actionsShown).map((action) => text("will", action)),
    ...holds.flatMap(holdFacts),
  ];
}

function actionText(action: Action): string {
  const step = "step" in action ? ` ${action.step}` : "";
  return `${verbs[action.kind]}${step}: ${action.because}`;
}

const verbs: Readonly<Record<Action["kind"], string>> = {
  "run-start": "start a run",
  "goal-measure": "measure the goal",
  "step-start": "start",
  "step-compensate": "undo",
  "step-adopt": "record",
  "gate-open": "ask you",
  "gate-queue": "queue the gate",
  "gate-settle": "settle",
  "gate-note": "note a problem of the gate",
  "wait-end": "end",
  "run-finish": "finish the run",
  "run-cancel": "cancel the run",
  deliver: "deliver files to main",
  "edit-adopt": "take over what you changed",
  "request-settle": "answer a request",
  "effect-answer": "record what you know of the effect",
  "project-apply": "apply the new version",
  "project-stall": "keep the last good version",
  "resource-prune": "remove the project",
  "state-compact": "fold old records",
  "payload-drop": "drop old inputs and outputs",
};

function holdFacts(hold: Hold): Fact[] {
  return [
    text("held", `${subjectText(hold.subject)}: ${hold.why}`),
    ...(hold.unblock === "" ? [] : [text("unblock", hold.unblock)]),
    ...instant("next look", hold.until),
  ];
}

/** `step:<run>/<step>` reads "step <step> of <run>"; the rest "<kind> <name>". */
export function subjectText(subject: string): string {
  const [kind, name] = splitOnce(subject, ":");
  if (name === undefined) return kind;
  const [run, step] = splitOnce(name, "/");
  return kind === "step" && step !== undefined ? `step ${step} of ${run}` : `${kind} ${name}`;
}

function splitOnce(words: string, separator: string): [string, string?] {
  const index = words.indexOf(separator);
  return index === -1 ? [words] : [words.slice(0, index), words.slice(index + 1)];
}
