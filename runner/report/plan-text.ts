/** A plan in words: what would happen, why, what does not happen and what would unblock it. */
import { capLines } from "./cap-text.ts";
import { holdLines } from "./hold-text.ts";
import { paragraph, printLines, toned, type Line } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { usd, usdAtMost } from "./money.ts";
import { relativeTime } from "./when.ts";
import { counted, listed } from "./words.ts";
import type { CapWarning } from "#runner/core/money/cap-warning.ts";
import { NO_FORECAST, totalForecast } from "#runner/core/forecast.ts";
import type { Action, Forecast, Plan } from "#runner/core/action.ts";
import { compactedWords } from "#runner/core/commit-message.ts";

type Group = "run" | "ask" | "deliver" | "record" | "apply";

/** In the order in which they are shown. */
const groupTitles: Readonly<Record<Group, string>> = {
  run: "TO RUN",
  ask: "TO ASK YOU",
  deliver: "TO DELIVER",
  record: "TO RECORD",
  apply: "TO APPLY",
};

const kinds: Readonly<Record<Action["kind"], readonly [Group, string]>> = {
  "run-start": ["run", "start"],
  "goal-measure": ["run", "measure"],
  "step-start": ["run", "step"],
  "step-compensate": ["run", "undo"],
  "gate-open": ["ask", "gate"],
  "gate-queue": ["record", "queue"],
  deliver: ["deliver", "deliver"],
  "step-adopt": ["record", "step"],
  "edit-adopt": ["record", "edit"],
  "gate-settle": ["record", "gate"],
  "gate-note": ["record", "gate"],
  "wait-end": ["record", "wait"],
  "run-finish": ["record", "finish"],
  "run-cancel": ["record", "cancel"],
  "request-settle": ["record", "request"],
  "effect-answer": ["record", "answer"],
  "project-apply": ["apply", "apply"],
  "project-stall": ["apply", "stall"],
  "resource-prune": ["apply", "remove"],
  "state-compact": ["record", "compact"],
  "payload-drop": ["record", "drop"],
};

/** Actions that read as one: the items of a step. */
interface Entry {
  readonly first: Action;
  readonly items: readonly string[];
  readonly forecast: Forecast;
}

/** The whole plan as text, with a closing line that counts it. */
export function renderPlan(plan: Plan, look: Look, caps: readonly CapWarning[] = []): string {
  const groups = Map.groupBy(plan.actions, (action) => kinds[action.kind][0]);
  const shown = Object.entries(groupTitles).flatMap(([group, title]) => {
    const actions = [...groups].find(([name]) => name === group)?.[1] ?? [];
    return actions.length === 0
      ? []
      : [[toned("strong", title)], ...actionLines(actions, look), []];
  });
  const held = holdLines(plan.holds, look);
  const heldPart = held.length === 0 ? [] : [[toned("strong", "HELD")], ...held, []];
  const budget = caps.length === 0 ? [] : [...capLines(caps, look), []];
  const versions = look.verbose ? [[toned("dim", versionText(plan))], []] : [];
  return printLines(
    [...versions, ...shown, ...heldPart, ...budget, ...closingLines(plan, groups, look)],
    look,
  );
}

function versionText(plan: Plan): string {
  return `main ${plan.commit}, state ${plan.tip ?? "none yet"}`;
}

function actionLines(actions: readonly Action[], look: Look): Line[] {
  return entriesOf(actions).flatMap((entry) => {
    const { first, items, forecast } = entry;
    const sign = signsOf(look).dot;
    const count = items.length > 1 ? ` ${sign} ${counted(items.length, "item")}` : "";
    const cost = forecast.mostMicros > 0 ? ` ${sign} ${costWords(forecast, look)}` : "";
    const which = items.length > 0 ? [`${listed(items)}: ${first.because}`] : [first.because];
    return [
      [
        "  ",
        toned("busy", kinds[first.kind][1].padEnd(8)),
        toned("strong", objectOf(first)),
        toned("dim", `${placeOf(first)}${count}${cost}`),
      ],
      ...which.flatMap((text) => paragraph(toned("dim", text), 10, look)),
    ];
  });
}

function placeOf({ project }: Action): string {
  return project === "" ? "" : ` in ${project}`;
}

function entriesOf(actions: readonly Action[]): Entry[] {
  const groups = Map.groupBy(actions, (action, index) =>
    "item" in action && action.item !== null
      ? `${action.kind}\n${action.run}\n${action.step}`
      : String(index),
  );
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const items = same.flatMap((action) =>
      "item" in action && action.item !== null ? [action.item] : [],
    );
    const forecast = totalForecast(same.map(forecastOfAction));
    return [{ first, items, forecast }];
  });
}

function forecastOfAction(action: Action): Forecast {
  return "forecast" in action ? action.forecast : NO_FORECAST;
}

/** `likely 0.02 USD, ≤ 0.10 USD for up to 50 attempts`; by limits alone only the latter. */
function costWords({ micros, mostMicros, attempts, costFrom }: Forecast, look: Look): string {
  const likely = costFrom === "limits" || micros === 0 ? "" : `likely ${usd(micros)}, `;
  const fan = attempts > 1 ? ` for up to ${attempts} attempts` : "";
  return `${likely}${signsOf(look).atMost} ${usdAtMost(mostMicros)}${fan}`;
}

function objectOf(action: Action): string {
  return "run" in action ? workObject(action) : otherObject(action);
}

function workObject(action: Extract<Action, { run: unknown }>): string {
  switch (action.kind) {
    case "run-start":
      return action.run.pipeline;
    case "goal-measure":
      return action.run.pipeline.replace(/^goal\./u, "goal ");
    case "step-start":
    case "step-compensate":
      return `${action.step} of ${action.run}${action.resume ? " (again)" : ""}`;
    case "step-adopt":
      return `${action.step} of ${action.run}: ${action.outcome}`;
    case "gate-queue":
      return action.title;
    case "gate-settle":
      return `${action.step} of ${action.run}: ${action.decision}`;
    case "wait-end":
      return `${action.step} of ${action.run}: ${action.outcome}`;
    case "run-finish":
    case "run-cancel":
      return `${action.run}: ${action.result}`;
  }
}

function otherObject(action: Exclude<Action, { run: unknown }>): string {
  switch (action.kind) {
    case "gate-open":
      return action.gate.title;
    case "gate-note":
      return action.gate;
    case "deliver":
      return listed(action.paths);
    case "edit-adopt":
      return listed(action.edits.map(({ path }) => path));
    case "request-settle":
    case "effect-answer":
      return action.request;
    case "payload-drop":
      return `inputs and outputs of ${action.month}`;
    case "state-compact":
      return compactedWords(action.compaction);
    case "project-apply":
    case "project-stall":
    case "resource-prune":
      return action.project;
  }
}

function closingLines(
  plan: Plan,
  groups: ReadonlyMap<Group, readonly Action[]>,
  look: Look,
): Line[] {
  const verbs: Readonly<Record<Group, string>> = {
    run: "to run",
    ask: "to ask",
    deliver: "to deliver",
    record: "to record",
    apply: "to apply",
  };
  const counts = Object.entries(verbs).flatMap(([group, verb]) => {
    const count = [...groups].find(([name]) => name === group)?.[1].length ?? 0;
    return count === 0 ? [] : [`${count} ${verb}`];
  });
  const held = plan.holds.length === 0 ? [] : [`${plan.holds.length} held`];
  const work = [...counts, ...held];
  const { dot } = signsOf(look);
  const parts = [
    work.length === 0 ? "nothing to do" : work.join(", "),
    ...(plan.forecast.mostMicros > 0 || plan.actions.length > 0
      ? [costWords({ ...plan.forecast, attempts: 1 }, look)]
      : []),
    ...(plan.nextWake === null ? [] : [`next wake ${relativeTime(plan.nextWake, look.now)}`]),
  ];
  const next = plan.actions.length === 0 ? [] : [["Carry it out with: fettle reconcile"]];
  return [[toned("strong", "Plan: "), parts.join(` ${dot} `)], ...next];
}
