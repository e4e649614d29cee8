/** What is said of the commit at the head of a gate's branch, in a line. */
import { localDay, localTime } from "#runner/core/time/calendar.ts";
import type { Hold } from "./action.ts";
import type { GateDecision, GateRecord } from "#runner/schema/types.gen.ts";

export interface BranchWord {
  readonly state: "pending" | "success" | "failure";
  readonly description: string;
}

export interface StandingGate {
  readonly record: GateRecord;
  /** Why an answer does not count, or cannot be given as things stand. */
  readonly trouble: Hold | undefined;
}

/** Of gates that are open; a briefing has several. What is in the way of one is said first. */
export function openWord(gates: readonly StandingGate[], timezone: string): BranchWord {
  const isSeveral = gates.length > 1;
  for (const { record, trouble } of gates) {
    if (trouble === undefined) continue;
    const which = isSeveral ? `${record.title}: ` : "";
    return { state: "failure", description: `${which}${trouble.why}` };
  }
  const risk = Math.max(...gates.map(({ record }) => record.risk.score));
  const what = isSeveral ? `${gates.length} decisions wait for you` : "waits for you";
  const facts = [what, `risk ${risk} of 100`, ...deadlineOf(gates, timezone)];
  return { state: "pending", description: facts.join(" · ") };
}

function deadlineOf(gates: readonly StandingGate[], timezone: string): readonly string[] {
  const [first] = gates.flatMap(({ record }) => record.answerBy ?? []).toSorted();
  return first === undefined
    ? []
    : [`answer by ${localDay(first, timezone)} ${localTime(first, timezone)}`];
}

/** Of gates that are settled; null where none of them was decided upon. */
export function settledWord(
  decisions: readonly Pick<GateDecision, "decision" | "by">[],
): BranchWord | null {
  const [only, ...others] = decisions;
  if (only === undefined) return null;
  const counts = [...Map.groupBy(decisions, ({ decision }) => decision)];
  const description =
    others.length === 0
      ? `${WORDS[only.decision]} by ${only.by}`
      : counts.map(([decision, all]) => `${all.length} ${WORDS[decision]}`).join(", ");
  const isSuccess = decisions.some(({ decision }) => GOES_ON.has(decision));
  return { state: isSuccess ? "success" : "failure", description };
}

const WORDS: Readonly<Record<GateDecision["decision"], string>> = {
  approved: "approved",
  rejected: "rejected",
  expired: "closed without an answer",
  withdrawn: "taken back",
  "changes-requested": "changes asked for",
  superseded: "replaced by a newer run",
  skipped: "skipped",
  "not-asked": "not asked",
  "not-objected": "not objected to",
  answered: "answered",
  defaulted: "answered as declared",
};

const GOES_ON: ReadonlySet<GateDecision["decision"]> = new Set([
  "approved",
  "not-objected",
  "not-asked",
  "answered",
  "defaulted",
]);
