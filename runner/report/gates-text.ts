/** What is open and what is queued, as text. */
import type { GateSettle } from "#runner/core/gate/gate-action.ts";
import type { QueuedProposal } from "#runner/core/gate/gate-admission.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { type Line, printLines, toned } from "./lines.ts";
import type { Look } from "./look.ts";
import { usd } from "./money.ts";
import { tableLines } from "./table.ts";
import { relativeTime } from "./when.ts";
import { counted } from "./words.ts";

/** An open gate, and what is to be told besides its record. */
export interface ListedGate {
  readonly gate: GateRecord;
  /** When it goes on by itself; null: an answer is waited for. */
  readonly goesOnAt: string | null;
  /** null: it is not put off. */
  readonly snoozed: { readonly until: string; readonly by: string } | null;
  /** By whom and how it is answered; null: nobody has answered. */
  readonly answer: Pick<GateSettle, "decision" | "by"> | null;
}

interface GatesInput {
  readonly open: readonly ListedGate[];
  readonly queue: readonly QueuedProposal[];
  /** Reviews that are left of today; null: nothing limits them. */
  readonly left: number | null;
}

export function renderGates({ open, queue, left }: GatesInput, look: Look): string {
  const room: Line[] =
    left === null ? [] : [[toned("dim", `${counted(Math.max(0, left), "review")} left of today`)]];
  if (open.length + queue.length === 0) {
    return printLines([["nothing waits for you"], ...room], look);
  }
  const lines = [
    ...openLines(
      "OPEN",
      open.filter(({ snoozed }) => snoozed === null),
      look,
    ),
    ...openLines(
      "PUT OFF",
      open.filter(({ snoozed }) => snoozed !== null),
      look,
    ),
    ...queueLines(queue, look),
    ...room,
  ];
  return printLines(lines, look);
}

function openLines(title: string, open: readonly ListedGate[], look: Look): Line[] {
  if (open.length === 0) return [];
  const isBriefed = open.some(({ gate: { briefing } }) => briefing !== undefined);
  const isSnoozed = open.some(({ snoozed }) => snoozed !== null);
  const rows = open
    .toSorted(({ gate: a }, { gate: b }) => ((a.answerBy ?? "9") < (b.answerBy ?? "9") ? -1 : 1))
    .map(({ gate, goesOnAt, snoozed, answer }) => [
      gate.id,
      gate.follows === undefined ? gate.title : `${gate.title} (anew)`,
      String(gate.risk.score),
      String(gate.items.length),
      usd(gate.costMicros),
      answer === null ? answerText(gate, goesOnAt, look) : `${answer.decision} by ${answer.by}`,
      ...(snoozed === null ? [] : [`${relativeTime(snoozed.until, look.now)}, by ${snoozed.by}`]),
      ...(isBriefed ? [briefingText(gate)] : []),
    ]);
  return [
    [toned("strong", title)],
    ...tableLines(
      {
        columns: [
          { title: "GATE" },
          { title: "WHAT", shrinkTo: 16 },
          { title: "RISK", align: "right" },
          { title: "ITEMS", align: "right" },
          { title: "COST", align: "right" },
          { title: "ANSWER" },
          ...(isSnoozed ? [{ title: "COMES BACK" }] : []),
          ...(isBriefed ? [{ title: "BRIEFING" }] : []),
        ],
        rows,
        indent: 2,
      },
      look,
    ),
    [],
  ];
}

function answerText({ answerBy }: GateRecord, goesOnAt: string | null, { now }: Look): string {
  if (goesOnAt !== null) return `${relativeTime(goesOnAt, now)}, else it goes on`;
  return answerBy === null ? "" : relativeTime(answerBy, now);
}

function briefingText({ briefing }: GateRecord): string {
  return briefing === undefined ? "" : `${briefing.id} no. ${briefing.place}`;
}

function queueLines(queue: readonly QueuedProposal[], look: Look): Line[] {
  if (queue.length === 0) return [];
  const rows = queue.map(({ position, id, title, risk, cost, why, until }) => [
    String(position),
    id,
    title,
    String(risk),
    counted(cost, "point"),
    until === null ? why : `${why} (${relativeTime(until, look.now)})`,
  ]);
  return [
    [toned("strong", "QUEUED"), toned("dim", ", in the order in which you will be asked")],
    ...tableLines(
      {
        columns: [
          { title: "", align: "right" },
          { title: "GATE" },
          { title: "WHAT", shrinkTo: 16 },
          { title: "RISK", align: "right" },
          { title: "WAITING COSTS", align: "right" },
          { title: "BECAUSE", shrinkTo: 20 },
        ],
        rows,
        indent: 2,
      },
      look,
    ),
    [],
  ];
}
