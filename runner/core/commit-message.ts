/** Subjects for people, facts in trailers. */
import { amountsWords } from "#runner/core/money/amount-words.ts";
import type { Compaction } from "./compaction.ts";
import type { EventOf, LedgerEvent } from "./ledger-event.ts";

/** `run chase-invoices.k3f9q2m7x0aa: step draft succeeded (and 3 more)` */
export function subjectOf(events: readonly LedgerEvent[]): string {
  const [first] = events;
  if (first === undefined) return "nothing";
  const more = events.length === 1 ? "" : ` (and ${events.length - 1} more)`;
  return `${oneLine(sentenceOf(first))}${more}`;
}

/** Item keys and problems come from files: a line break in them must not start a body or a trailer. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, " ");
}

/** One line for people: what happened, without machinery. */
function sentenceOf(event: LedgerEvent): string {
  switch (event.kind) {
    case "project-applied":
      return `project ${event.project}: applied`;
    case "project-stalled":
      return `project ${event.project}: stalled`;
    case "project-removed":
      return `project ${event.project}: removed`;
    case "run-started":
      return `run ${event.run}: started`;
    case "effect-intended":
      return `run ${event.run}: step ${unitName(event)} is about to act`;
    case "spend-granted":
      return `run ${event.run}: step ${unitName(event)} may take ${amountsWords(event.amount)}`;
    case "spend-settled":
      return `run ${event.run}: step ${unitName(event)} took ${amountsWords(event.spent)} and left no result`;
    case "step-finished":
      return `run ${event.run}: step ${unitName(event)} ${event.outcome}`;
    case "step-checkpointed":
      return `run ${event.run}: step ${unitName(event)} saved ${Object.keys(event.checkpoints).join(", ") || "nothing"}`;
    case "gate-queued":
    case "gate-opened":
    case "gate-noted":
    case "gate-settled":
      return gateSentence(event);
    case "wait-ended":
      return `run ${event.run}: wait ${event.step} ${event.outcome}`;
    case "run-finished":
      return `run ${event.run}: ${event.result}`;
    case "files-delivered":
      return `project ${event.project}: delivered ${Object.keys(event.owned).length} files${event.setAside.length === 0 ? "" : `, set aside ${event.setAside.length}`}`;
    case "edits-adopted":
      return `project ${event.project}: ${event.edits.map(({ path }) => path).join(", ")} changed by ${event.edits[0]?.by ?? ""}`;
    case "request-made":
      return `request ${event.request}: ${event.asks}`;
    case "request-settled":
      return `request ${event.request}: settled`;
    case "effect-answered":
      return `run ${event.run}: step ${unitName(event)} ${answerWords[event.answer]}`;
    case "rewrite-accepted":
      return `main: ${event.by} accepts ${event.to.slice(0, 10)} in the place of ${event.from.slice(0, 10)}`;
    case "clock-set-right":
      return `state: what was recorded in the future is taken back to ${event.at}`;
    case "work-claimed":
      return `runner ${event.runner}: works on ${event.runs.join(", ") || "nothing"}`;
    case "payload-dropped":
    case "state-compacted":
      return upkeepSentence(event);
  }
}

function upkeepSentence(event: EventOf<"payload-dropped" | "state-compacted">): string {
  return event.kind === "state-compacted"
    ? `state: compacted ${compactedWords(event)}`
    : `payload ${event.month}: ${droppedWords(event)}`;
}

function gateSentence(
  event: EventOf<"gate-queued" | "gate-opened" | "gate-noted" | "gate-settled">,
): string {
  switch (event.kind) {
    case "gate-queued":
      return `run ${event.run}: gate ${event.step} is queued`;
    case "gate-opened":
      return `run ${event.run}: gate ${event.step} opened`;
    case "gate-noted":
      return `gate ${event.gate}: ${event.problem ?? (event.absent ? "branch missing" : "branch back")}`;
    case "gate-settled":
      return `run ${event.run}: gate ${event.step} ${event.decision}`;
  }
}

/** `all dropped (shortTerm: 180d)` */
export function droppedWords({
  digests,
  rule,
}: Pick<EventOf<"payload-dropped">, "digests" | "rule">): string {
  const what =
    digests === null ? "all dropped" : `${counted(digests.length, "content", "")} erased`;
  return `${what} (${rule})`;
}

/** `3 days of runs, 12 hours of events` */
export function compactedWords({ runs, hours, days }: Compaction): string {
  const parts = [
    counted(runs.length, "day", " of runs"),
    counted(hours.length, "hour", " of events"),
    counted(days.length, "day", " of events"),
  ];
  return parts.filter((part) => part !== "").join(", ") || "nothing";
}

function counted(count: number, noun: string, of: string): string {
  return count === 0 ? "" : `${count} ${noun}${count === 1 ? "" : "s"}${of}`;
}

/** What is known of an effect that was in doubt. */
export const answerWords = {
  happened: "did happen",
  "did-not": "did not happen",
  uncertain: "is in doubt",
} as const;

function unitName(event: { readonly step: string; readonly item: string | null }): string {
  return event.item === null ? event.step : `${event.step}[${event.item}]`;
}

/** Facts of a group for `git log`, beyond those that its subject says: each name at most once a value. Every commit of a state pays for each. */
export function trailersOf(
  events: readonly LedgerEvent[],
): readonly (readonly [name: string, value: string])[] {
  const trailers = events.flatMap((event) => eventTrailers(event));
  const seen = new Set(
    events
      .slice(0, 1)
      .flatMap(runTrailer)
      .map(([name, run]) => `${name}: ${run}`),
  );
  return trailers.filter(([name, value]) => {
    const line = `${name}: ${value}`;
    if (seen.has(line)) return false;
    seen.add(line);
    return true;
  });
}

function eventTrailers(event: LedgerEvent): readonly (readonly [string, string])[] {
  const trailers = [...runTrailer(event)];
  if ("gate" in event && event.gate !== null) trailers.push(["Fettle-Gate", event.gate]);
  if (event.kind === "work-claimed") trailers.push(["Fettle-Fence", String(event.fence)]);
  if (event.kind === "project-applied") trailers.push(["Fettle-Desired", event.commit]);
  if (event.kind === "step-finished" && event.costMicros > 0) {
    trailers.push(["Fettle-Cost-Micros", String(event.costMicros)]);
  }
  return trailers;
}

function runTrailer(event: LedgerEvent): readonly (readonly [string, string])[] {
  return "run" in event ? [["Fettle-Run", event.run]] : [];
}
