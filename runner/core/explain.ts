/** Why something is as it is: one name in, one screen of facts out. */
import { explainGate } from "./explain-gate.ts";
import { explainGoal, explainPipeline } from "./explain-intent.ts";
import { explainRun } from "./explain-run.ts";
import { explainStep } from "./explain-step.ts";
import { historyOfClosed, historyOfOpen, type RunHistory } from "./run-history.ts";
import { closest } from "./suggest.ts";
import type { Explanation, Known } from "./explanation.ts";

export type Explained =
  | { readonly kind: "explained"; readonly explanation: Explanation }
  | { readonly kind: "ambiguous"; readonly candidates: readonly string[] }
  | { readonly kind: "unknown"; readonly closest: string | null };

interface Candidate {
  /** Its full name, which is never ambiguous. */
  readonly name: string;
  /** What else people call it. */
  readonly short: string;
  readonly explain: () => Explanation;
}

/**
 * Explains a run (`chase-invoices.k3f9q2m7x0aa`), a step of one (`<run>/draft`), a gate, a pipeline or a goal
 * (by its name, `<project>/<name>`, or `pipeline:<project>/<name>` and `goal:<project>/<name>` when one name means both).
 */
export function explain(thing: string, known: Known): Explained {
  const candidates = [...runs(known), ...gates(known), ...intents(known)];
  const exact = candidates.filter(({ name }) => name === thing);
  const found =
    exact.length > 0
      ? exact.slice(0, 1)
      : candidates.filter(({ name, short }) => isCalled(thing, name, short));
  const [first, second] = found;
  if (first === undefined) {
    const words = candidates.flatMap(({ name, short }) => [name, short]);
    return { kind: "unknown", closest: closest(thing, words) ?? null };
  }
  if (second !== undefined) {
    return { kind: "ambiguous", candidates: found.map(({ name }) => name) };
  }
  return { kind: "explained", explanation: first.explain() };
}

function isCalled(thing: string, name: string, short: string): boolean {
  return short === thing || name.endsWith(`:${thing}`);
}

function histories(known: Known): RunHistory[] {
  const gateRecords = [...known.observed.gates.values()].map(({ record }) => record);
  const open = [...known.observed.runs.values()].map((run) => historyOfOpen(run, gateRecords));
  const openIds = new Set(open.map(({ record }) => record.id));
  const closed = [...known.closed.values()].filter(({ run }) => !openIds.has(run.id));
  return [...open, ...closed.map(historyOfClosed)];
}

function runs(known: Known): Candidate[] {
  return histories(known).flatMap((run) => {
    const { id } = run.record;
    const steps = new Set([
      ...run.attempts.map(({ step }) => step),
      ...run.decisions.map(({ step }) => step),
      ...run.waiting.map(({ step }) => step),
      ...(known.observed.runs.get(id)?.pipeline.steps.map((step) => step.id) ?? []),
    ]);
    return [
      { name: id, short: id, explain: () => explainRun(run, known) },
      ...[...steps].map((step) => {
        const name = `${id}/${step}`;
        return { name, short: name, explain: () => explainStep(run, step, known) };
      }),
    ];
  });
}

function gates(known: Known): Candidate[] {
  return histories(known).flatMap((run) => {
    const ids = [
      ...run.waiting.map(({ id }) => id),
      ...run.decisions.flatMap(({ gate }) => (gate === null ? [] : [gate])),
    ];
    return ids.map((id) => ({ name: id, short: id, explain: () => explainGate(run, id, known) }));
  });
}

function intents(known: Known): Candidate[] {
  return [...known.workspace.projects.values()].flatMap((project) => [
    ...[...project.pipelines.keys()].map((name) => ({
      name: `pipeline:${project.name}/${name}`,
      short: name,
      explain: () => explainPipeline(project, name, known),
    })),
    ...Object.entries(project.manifest.goals ?? {}).map(([name, goal]) => ({
      name: `goal:${project.name}/${name}`,
      short: name,
      explain: () => explainGoal(project, { name, goal }, known),
    })),
  ]);
}
