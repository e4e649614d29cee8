/** A gate that an operator puts off: it comes back by itself, keeps its deadline, and what goes on by itself waits along with it. */
import { riskToday, vetoEnd } from "./gate-veto.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { isByOperator } from "#runner/core/operator.ts";
import { thresholdsOf } from "./risk.ts";
import type { Observed } from "#runner/core/model.ts";
import type { GateRecord, SnoozeRequest, Workspace as Settings } from "#runner/schema/types.gen.ts";

const CRITICAL_RISK = 80;

/** From this risk on a gate is shown on any day, and is not put off. */
export function criticalFrom({ attention, policy }: Settings): number {
  return attention?.critical ?? Math.max(CRITICAL_RISK, thresholdsOf(policy).gateFrom);
}

/** How long a gate may be put off. */
export const LONGEST_SNOOZE = "366d";

/** A whole number of units that a person would say: `2d`, `36h`. */
export function isSnoozeTime(text: string): boolean {
  return /^[1-9]\d{0,3}[smhdw]$/u.test(text);
}

export interface SnoozeFacts {
  readonly workspace: { readonly settings: Settings };
  readonly observed: Pick<Observed, "requests">;
}

/** The last word of an operator on when the gate comes back; it may have come back by now. */
export function snoozeOf(
  { workspace, observed }: SnoozeFacts,
  gate: string,
): SnoozeRequest | undefined {
  return observed.requests
    .filter((request) => request.kind === "snooze")
    .filter((request) => request.gate === gate && isByOperator(workspace.settings, request))
    .toSorted(byTime)
    .at(-1);
}

/** When it is said, so that it counts as the last word on this gate: whoever said something before may have had a clock that is ahead. */
export function saidAfterAll(facts: SnoozeFacts, gate: string, now: string): string {
  const before = snoozeOf(facts, gate)?.at ?? "";
  return before < now ? now : addMs(before, 1);
}

function byTime(one: SnoozeRequest, other: SnoozeRequest): number {
  const [a, b] = [one, other].map(({ at, id }) => `${at} ${id}`);
  return (a ?? "") < (b ?? "") ? -1 : 1;
}

export interface SnoozedGate {
  readonly id: string;
  readonly risk: number;
}

/** null where it is not put off at this moment. */
export function snoozedUntil(
  facts: SnoozeFacts & { readonly now: string },
  { id, risk }: SnoozedGate,
): string | null {
  const snooze = snoozeOf(facts, id);
  const isCritical = risk >= criticalFrom(facts.workspace.settings);
  return snooze === undefined || isCritical || snooze.until <= facts.now ? null : snooze.until;
}

/** The same of an open gate: its risk is that of today. */
export function openSnoozedUntil(
  facts: SnoozeFacts & { readonly now: string },
  record: GateRecord,
): string | null {
  const { policy } = facts.workspace.settings;
  return snoozedUntil(facts, { id: record.id, risk: riskToday(record, policy) });
}

/** When the gate goes on by itself; null: an answer is waited for. */
export function goesOnAt(facts: SnoozeFacts, record: GateRecord): string | null {
  const { policy } = facts.workspace.settings;
  return vetoEnd(record, { policy, putOff: snoozeOf(facts, record.id)?.until ?? null });
}

type Seen = SnoozeFacts & { readonly observed: Pick<Observed, "requests" | "gates" | "summaries"> };

/** Why the request says nothing any more; null while it counts. */
export function whySnoozeIsOver(facts: Seen, request: SnoozeRequest): string | null {
  const { observed, workspace } = facts;
  const { gate, project, id } = request;
  if (snoozeOf(facts, gate)?.id !== id) return `there is a later word on when ${gate} comes back`;
  const open = observed.gates.get(gate)?.record;
  if (open === undefined) {
    const queued = observed.summaries.projects.get(project)?.queuedGates ?? {};
    return Object.hasOwn(queued, gate) ? null : `gate ${gate} is not open`;
  }
  const { settings } = workspace;
  const isCritical = riskToday(open, settings.policy) >= criticalFrom(settings);
  return isCritical ? `gate ${gate} is critical by now: it is shown` : null;
}
