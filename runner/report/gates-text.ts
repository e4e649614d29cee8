/** What is open and what is queued, as text. */
import type { QueuedProposal } from "#runner/core/gate-admission.ts";
import { vetoEnd } from "#runner/core/gate-veto.ts";
import type { GateRecord, Policy } from "#runner/schema/types.gen.ts";
import { type Line, printLines, toned } from "./lines.ts";
import type { Look } from "./look.ts";
import { usd } from "./money.ts";
import { tableLines } from "./table.ts";
import { relativeTime } from "./when.ts";
import { counted } from "./words.ts";

interface GatesInput {
  readonly open: readonly GateRecord[];
  readonly queue: readonly QueuedProposal[];
  /** Reviews that are left of today; null: nothing limits them. */
  readonly left: number | null;
  readonly policy: Policy | undefined;
}

export function renderGates({ open, queue, left, policy }: GatesInput, look: Look): string {
  const room: Line[] =
    left === null ? [] : [[toned("dim", `${counted(Math.max(0, left), "review")} left of today`)]];
  if (open.length + queue.length === 0) {
    return printLines([["nothing waits for you"], ...room], look);
  }
  return printLines([...openLines(open, policy, look), ...queueLines(queue, look), ...room], look);
}

function openLines(open: readonly GateRecord[], policy: Policy | undefined, look: Look): Line[] {
  if (open.length === 0) return [];
  const isBriefed = open.some(({ briefing }) => briefing !== undefined);
  const rows = open
    .toSorted((a, b) => ((a.answerBy ?? "9") < (b.answerBy ?? "9") ? -1 : 1))
    .map((gate) => [
      gate.id,
      gate.follows === undefined ? gate.title : `${gate.title} (anew)`,
      String(gate.risk.score),
      String(gate.items.length),
      usd(gate.costMicros),
      answerText(gate, policy, look),
      ...(isBriefed ? [briefingText(gate)] : []),
    ]);
  return [
    [toned("strong", "OPEN")],
    ...tableLines(
      {
        columns: [
          { title: "GATE" },
          { title: "WHAT", shrinkTo: 16 },
          { title: "RISK", align: "right" },
          { title: "ITEMS", align: "right" },
          { title: "COST", align: "right" },
          { title: "ANSWER" },
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

function answerText(gate: GateRecord, policy: Policy | undefined, { now }: Look): string {
  const veto = vetoEnd(gate, policy);
  if (veto !== null) return `${relativeTime(veto, now)}, else it goes on`;
  return gate.answerBy === null ? "" : relativeTime(gate.answerBy, now);
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
