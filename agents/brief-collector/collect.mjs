import { dayOf, weekOf } from "./week.mjs";

const maxCommits = 30;

/**
 * @typedef {{ at: string, subject: string, authorName: string, files?: { added: number, removed: number }[] }} Commit
 * @typedef {{ at: string, project: string, kind: string, [field: string]: any }} LedgerEvent fields by kind
 * @typedef {{ title: string, project: string, openedAt: string, answerBy?: string | null }} Waiting
 * @typedef {{ commits?: Commit[], tags?: { name: string, at: string }[], events?: LedgerEvent[], waiting?: Waiting[] }} History
 */

/**
 * What happened in the week of `asOf`, as plain data.
 * @param {History} history
 * @param {string} asOf
 */
export function collectBrief({ commits = [], tags = [], events = [], waiting = [] }, asOf) {
  const { name, days } = weekOf(asOf);
  const inWeek = (/** @type {{ at: string }} */ { at }) =>
    days.includes(dayOf(at)) && Date.parse(at) <= Date.parse(asOf);
  const done = commits.filter(inWeek);
  const happened = events.filter(inWeek).toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const runs = happened.filter(({ kind, goal }) => kind === "run-finished" && goal === null);
  return {
    week: name,
    from: days[0],
    to: days[6],
    days: days.map((day) => ({ day, commits: countOn(done, day), runs: countOn(runs, day) })),
    commits: done.slice(0, maxCommits).map(describeCommit),
    commitCount: done.length,
    tags: tags.filter(inWeek).map((tag) => tag.name),
    runs: countRuns(runs),
    goals: lastMeasurements(happened),
    spend: sumSpend(happened),
    decisions: happened.filter(({ kind }) => kind === "gate-settled").map(describeDecision),
    troubles: happened.flatMap(describeTrouble),
    waiting: waiting.map(({ project, title, openedAt, answerBy }) => ({
      project,
      title,
      openedOn: dayOf(openedAt),
      answerBy: answerBy ?? null,
    })),
  };
}

/** @param {readonly { at: string }[]} items @param {string} day */
function countOn(items, day) {
  return items.filter(({ at }) => dayOf(at) === day).length;
}

/** @param {Commit} commit */
function describeCommit({ at, authorName, subject, files = [] }) {
  const total = (/** @type {"added" | "removed"} */ side) =>
    files.reduce((sum, file) => sum + file[side], 0);
  return {
    day: dayOf(at),
    author: authorName,
    subject,
    added: total("added"),
    removed: total("removed"),
  };
}

/** @param {readonly LedgerEvent[]} runs */
function countRuns(runs) {
  const groups = Map.groupBy(
    runs,
    ({ project, pipeline, result }) => `${project}/${pipeline}/${result}`,
  );
  return [...groups].toSorted(byName).map(([, [first, ...others]]) => ({
    project: first?.project ?? "",
    pipeline: first?.pipeline,
    result: first?.result,
    count: 1 + others.length,
  }));
}

/** @param {readonly LedgerEvent[]} events oldest first */
function lastMeasurements(events) {
  const measured = events.filter(({ kind, goal }) => kind === "run-finished" && goal !== null);
  return [...Map.groupBy(measured, ({ project, goal }) => `${project}/${goal.name}`)]
    .toSorted(byName)
    .flatMap(([, group]) => group.slice(-1))
    .map(({ project, goal }) => ({ project, goal: goal.name, met: goal.met, value: goal.value }));
}

/** @param {readonly LedgerEvent[]} events */
function sumSpend(events) {
  const attempts = events.filter(({ kind }) => kind === "step-finished");
  return [...Map.groupBy(attempts, ({ project, agent }) => `${project}/${agent}`)]
    .toSorted(byName)
    .map(([, group]) => ({
      project: group[0]?.project ?? "",
      agent: group[0]?.agent,
      micros: group.reduce((sum, { costMicros }) => sum + costMicros, 0),
      attempts: group.length,
    }));
}

/** @param {[string, unknown]} a @param {[string, unknown]} b */
function byName([a], [b]) {
  return a < b ? -1 : 1;
}

/** @param {LedgerEvent} event */
function describeDecision({ at, project, step, decision, by, reason }) {
  return { day: dayOf(at), project, step, decision, by, reason };
}

/** @param {LedgerEvent} event */
function describeTrouble({ at, project, kind, step, item, outcome, reason }) {
  if (kind === "project-stalled")
    return [{ day: dayOf(at), project, what: "the project's files", reason }];
  const failed = kind === "step-finished" && !["succeeded", "noop", "cancelled"].includes(outcome);
  if (!failed) return [];
  const what = item === null ? step : `${step} of ${item}`;
  return [{ day: dayOf(at), project, what, reason: reason === "" ? outcome : reason }];
}
