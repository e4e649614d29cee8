/** What a gate asks, why a person is asked, how it was answered. */
import { answerFacts, approveFacts, decisionFact, gateSummary, itemNames } from "./explain-run.ts";
import { expiryWords } from "#runner/core/gate/gate-command.ts";
import {
  foldList,
  instant,
  money,
  planFacts,
  text,
  type Explanation,
  type Fact,
  type Known,
} from "#runner/core/explanation.ts";
import type { RunHistory } from "#runner/core/run-history.ts";
import { goesOnAt, snoozeOf } from "#runner/core/gate/snooze.ts";
import type { GateDecision, GateRecord } from "#runner/schema/types.gen.ts";

export function explainGate(run: RunHistory, id: string, known: Known): Explanation {
  const open = run.waiting.find((gate) => gate.id === id);
  if (open !== undefined) return explainOpenGate(open, run, known);
  const decision = run.decisions.find(({ gate }) => gate === id);
  return {
    title: `gate ${id}`,
    summary: decision?.decision ?? "not recorded",
    sections:
      decision === undefined ? [] : [{ title: "decision", facts: decidedFacts(decision, run) }],
  };
}

function explainOpenGate(gate: GateRecord, run: RunHistory, known: Known): Explanation {
  return {
    title: `gate ${gate.id}`,
    summary: gateSummary(gate, known),
    sections: [
      {
        title: "what is asked",
        facts: [
          text("run", `${gate.step} of ${gate.run}`),
          text("because", run.record.because),
          ...(gate.follows === undefined ? [] : [text("made anew after", gate.follows.gate)]),
          ...amountFacts(gate),
          ...(gate.deliverables.length === 0
            ? []
            : [text("files", gate.deliverables.map(({ path }) => path).join(", "))]),
          ...instant("opened", gate.openedAt),
          ...instant("answer by", gate.answerBy),
          ...instant("goes on by itself", goesOnAt(known, gate)),
          ...snoozeFacts(gate, known),
          ...(gate.onExpire === "keep" ? [] : [text("else", `it ${expiryWords(gate.onExpire)}`)]),
          ...(gate.problem === undefined ? [] : [text("must be fixed", gate.problem)]),
        ],
      },
      {
        title: "why you are asked",
        facts: [
          text("risk", String(gate.risk.score)),
          ...gate.risk.factors.map(({ points, why }) => text(signed(points), why)),
        ],
      },
      { title: "what it cost", facts: [money("so far", gate.costMicros)] },
      {
        title: "what is next",
        facts: [...approveFacts(gate, known), ...planFactsOf(gate, known)],
      },
    ],
  };
}

function amountFacts({ asks, items }: GateRecord): Fact[] {
  if (asks !== undefined) return [text("fields", asks.join(", "))];
  return items.length === 0 ? [] : [text("items", String(items.length))];
}

function snoozeFacts(gate: GateRecord, known: Known): Fact[] {
  const snooze = snoozeOf(known, gate.id);
  if (snooze === undefined) return [];
  return [...instant("put off until", snooze.until), text("put off by", snooze.by)];
}

function planFactsOf(gate: GateRecord, known: Known): Fact[] {
  return planFacts(known.plan, {
    action: (action) => "gate" in action && action.gate === gate.id,
    hold: ({ subject }) => subject === `gate:${gate.id}`,
  });
}

function decidedFacts(decision: GateDecision, run: RunHistory): Fact[] {
  const answer = answerFacts(decision);
  const items = answer.length === 0 ? decision.items : [];
  const groups = Map.groupBy(items, (item) => item.decision);
  return [
    decisionFact(decision),
    ...answer,
    text("run", `${decision.step} of ${run.record.id}`),
    text("risk", String(decision.risk)),
    ...[...groups].map(([word, of]) =>
      text(word, word === "approved" ? `${of.length} items` : foldList(itemNames(of))),
    ),
    ...instant("at", decision.at),
    ...(decision.commit === null
      ? []
      : [{ kind: "commit" as const, label: "read at", id: decision.commit }]),
  ];
}

function signed(points: number): string {
  return points < 0 ? String(points) : `+${points}`;
}
