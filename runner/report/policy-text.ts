/** What the policy makes of the gates of late. */
import type { JudgedGate, PolicyReport } from "#runner/core/gate/policy-report.ts";
import type { Asking } from "#runner/core/gate/risk.ts";
import { type Line, printLines, toned } from "./lines.ts";
import type { Look } from "./look.ts";
import { type Cell, tableLines } from "./table.ts";
import { relativeTime } from "./when.ts";

const WORDS: Readonly<Record<Asking, string>> = {
  no: "goes on",
  unless: "goes on unless you object",
  yes: "asks you",
};

export function renderPolicy(report: PolicyReport, look: Look): string {
  const { gates, instead } = report;
  const head: Line[] = [
    [toned("strong", "policy"), ` ${wordsOf(report.policy)}`],
    ...(instead === null ? [] : [[toned("strong", "instead"), ` ${wordsOf(instead)}`]]),
  ];
  if (gates.length === 0) return printLines([...head, ["No gate was reached yet."]], look);
  const columns = [
    { title: "WHEN" },
    { title: "GATE", shrinkTo: 24 },
    { title: "RISK", align: "right" as const },
    { title: "THEN" },
    { title: "TODAY" },
    ...(instead === null ? [] : [{ title: "INSTEAD" }]),
  ];
  const rows = gates.map((gate) => rowOf(gate, look));
  return printLines(
    [...head, [""], ...tableLines({ columns, rows }, look), ...ruleLines(gates)],
    look,
  );
}

function wordsOf({ autoBelow, gateFrom, veto }: PolicyReport["policy"]): string {
  const between = veto === undefined ? "between them it asks" : `between them it waits ${veto}`;
  return `goes on below ${autoBelow}, asks from ${gateFrom} on, ${between}`;
}

function rowOf(gate: JudgedGate, look: Look): readonly Cell[] {
  const { at, project, pipeline, step, risk, now, decision, asking, instead } = gate;
  const score = now === null || now.score === risk ? String(risk) : `${risk}, now ${now.score}`;
  const changed = instead === null ? [] : [changedCell(asking, instead)];
  return [
    relativeTime(at, look.now),
    `${project}/${pipeline} ${step}`,
    score,
    decision ?? "waits for you",
    WORDS[asking],
    ...changed,
  ];
}

function changedCell(asking: Asking, instead: Asking): Cell {
  return asking === instead ? WORDS[instead] : toned("warn", WORDS[instead]);
}

/** Which factors each kind of gate has, told once. */
function ruleLines(gates: readonly JudgedGate[]): Line[] {
  const newest = new Map<string, JudgedGate>();
  for (const gate of gates) {
    const name = `${gate.project}/${gate.pipeline} ${gate.step}`;
    if (!newest.has(name)) newest.set(name, gate);
  }
  return [...newest].flatMap(([name, { now }]): Line[] => {
    if (now === null) return [];
    const factors = now.factors.map(
      ({ points, why }) => `${points < 0 ? "" : "+"}${points} ${why}`,
    );
    return [[""], [toned("dim", name)], ...factors.map((factor): Line => [`  ${factor}`])];
  });
}
