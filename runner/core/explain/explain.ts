/** Why something is as it is: one name in, one screen of facts out. */
import { stepsOf } from "#runner/core/step-graph.ts";
import { explainEffect } from "./explain-effect.ts";
import { explainGate } from "./explain-gate.ts";
import { explainGoal, explainPipeline } from "./explain-intent.ts";
import { explainAgent, explainInvalid, explainProject } from "./explain-project.ts";
import { explainRun } from "./explain-run.ts";
import { explainStep } from "./explain-step.ts";
import { historiesOf, type RunHistory } from "#runner/core/run-history.ts";
import { runsNamed } from "#runner/core/run-name.ts";
import { closest } from "#runner/core/suggest.ts";
import type { Explanation, Known } from "#runner/core/explanation.ts";

export type Explained =
  | { readonly kind: "explained"; readonly explanation: Explanation }
  | { readonly kind: "ambiguous"; readonly candidates: readonly string[] }
  /** With the names that look most like it. */
  | { readonly kind: "unknown"; readonly near: readonly string[] };

interface Candidate {
  /** Its full name, which is never ambiguous. */
  readonly name: string;
  /** What else people call it. */
  readonly short: string;
  readonly explain: () => Explanation;
}

const candidatesShown = 8;
const nearShown = 5;

/**
 * Explains a project, pipeline, goal or agent (by its name, `<project>/<name>`, or `pipeline:<project>/<name>` and so on
 * when one name means several), a run (`chase-invoices.k3f9q2m7x0aa`), a step of one (`<run>/draft`, of the latest run
 * `chase-invoices/draft`), an item (`<run>/draft[INV-1]`), a gate or its branch, an effect by its key.
 * The start of a name is enough where it means one thing.
 */
export function explain(thing: string, known: Known): Explained {
  const meant = meantBy(thing);
  const runs = historiesOf(known.observed, known.closed);
  const intended = intents(known);
  const recorded = [...runCandidates(runs, known), ...gates(runs, known), ...effects(runs, known)];
  const all = [...intended, ...recorded];
  const found = firstOf([
    () => all.filter(({ name }) => name === meant).slice(0, 1),
    () => all.filter(({ name, short }) => short === meant || name.endsWith(`:${meant}`)),
    () => unitsNamed(meant, runs, known),
    () => intended.filter((candidate) => begins(candidate, meant)),
    () => recorded.filter((candidate) => begins(candidate, meant)),
  ]);
  const [first, second] = found;
  if (first === undefined) {
    const near = unitsNear(meant, runs, known);
    return { kind: "unknown", near: near.length > 0 ? near : namesNear(meant, all) };
  }
  if (second === undefined) return { kind: "explained", explanation: first.explain() };
  return { kind: "ambiguous", candidates: found.slice(0, candidatesShown).map(({ name }) => name) };
}

/** The name without what stands around it where it is printed: `run draft [INV-1]`, `fettle/gate/<id>`, `gate:<id>`. */
function meantBy(thing: string): string {
  return thing
    .trim()
    .replace(/^(?:run|step|gate|effect):|^(?:refs\/heads\/|origin\/)?fettle\/gate\//u, "")
    .replace(/ (?=\[)/u, "")
    .replace(/^([^\s/]+) /u, "$1/");
}

function firstOf(searches: readonly (() => readonly Candidate[])[]): readonly Candidate[] {
  for (const search of searches) {
    const found = search();
    if (found.length > 0) return found;
  }
  return [];
}

function begins({ name, short }: Candidate, start: string): boolean {
  return start !== "" && (name.startsWith(start) || short.startsWith(start));
}

/** Names that hold the word, else the one that is spelt most like it. */
function namesNear(word: string, candidates: readonly Candidate[]): readonly string[] {
  const holding = word.length < 3 ? [] : candidates.filter(({ name }) => name.includes(word));
  if (holding.length > 0) return holding.slice(0, nearShown).map(({ name }) => name);
  const near = closest(
    word,
    candidates.flatMap(({ name, short }) => [short, name]),
  );
  return near === undefined ? [] : [near];
}

function runCandidates(runs: readonly RunHistory[], known: Known): Candidate[] {
  return runs.map((run) => {
    const { id } = run.record;
    return { name: id, short: id, explain: () => explainRun(run, known) };
  });
}

/** The step or item of a run that was mistyped. */
function unitsNear(meant: string, runs: readonly RunHistory[], known: Known): readonly string[] {
  const [name = "", unit = ""] = meant.split("/");
  const [run] = runsNamed(name, runs);
  if (run === undefined) return [];
  const near = closest(unit, unitsOf(run, known).keys());
  return near === undefined ? [] : [`${run.record.id}/${near}`];
}

/** `<run>/<step>` and `<run>/<step>[<item>]`, the run named as everywhere. */
function unitsNamed(meant: string, runs: readonly RunHistory[], known: Known): Candidate[] {
  const at = meant.indexOf("/");
  if (at < 1) return [];
  const unit = meant.slice(at + 1);
  return runsNamed(meant.slice(0, at), runs).flatMap((run) => {
    const found = unitsOf(run, known).get(unit);
    if (found === undefined) return [];
    const name = `${run.record.id}/${unit}`;
    return [{ name, short: name, explain: () => explainStep(run, found, known) }];
  });
}

interface Unit {
  readonly step: string;
  /** Null: the step with all its items. */
  readonly item: string | null;
}

/** Of a run that has ended also the steps of the pipeline of today: that one of them did nothing is an answer. */
function unitsOf(run: RunHistory, { observed, workspace }: Known): ReadonlyMap<string, Unit> {
  const { id: name, project, pipeline: of } = run.record;
  const pipeline =
    observed.runs.get(name)?.pipeline ?? workspace.projects.get(project)?.pipelines.get(of);
  const steps = [
    ...run.attempts.map(({ step }) => step),
    ...run.children.map(({ step }) => step),
    ...run.decisions.map(({ step }) => step),
    ...run.waiting.map(({ step }) => step),
    ...run.waits.map(({ step }) => step),
    ...(pipeline === undefined ? [] : stepsOf(pipeline).map(({ id }) => id)),
  ];
  return new Map([
    ...steps.map((step): [string, Unit] => [step, { step, item: null }]),
    ...[...run.attempts, ...run.children].map(({ step, item }): [string, Unit] => [
      `${step}[${item}]`,
      { step, item },
    ]),
  ]);
}

function gates(runs: readonly RunHistory[], known: Known): Candidate[] {
  return runs.flatMap((run) => {
    const ids = [
      ...run.waiting.map(({ id }) => id),
      ...run.decisions.flatMap(({ gate }) => (gate === null ? [] : [gate])),
    ];
    return ids.map((id) => ({ name: id, short: id, explain: () => explainGate(run, id, known) }));
  });
}

function effects(runs: readonly RunHistory[], known: Known): Candidate[] {
  const attempts = runs
    .flatMap((run) => run.attempts)
    .filter(({ effect }) => effect !== undefined)
    .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  const groups = Map.groupBy(attempts, ({ effect }) => effect?.onceKey ?? "");
  return [...groups].map(([key, same]) => ({
    name: key,
    short: key,
    explain: () => explainEffect(key, { same, all: attempts }, known),
  }));
}

function intents(known: Known): Candidate[] {
  const { projects, invalid } = known.workspace;
  const versions = [...projects.values()];
  const agents = new Map(versions.flatMap((project) => [...project.agents]));
  return [
    ...versions.flatMap((project) => [
      named("project", project.name, () => explainProject(project, known)),
      ...[...project.pipelines.keys()].map((name) =>
        named("pipeline", `${project.name}/${name}`, () => explainPipeline(project, name, known)),
      ),
      ...Object.entries(project.manifest.goals ?? {}).map(([name, goal]) =>
        named("goal", `${project.name}/${name}`, () => explainGoal(project, { name, goal }, known)),
      ),
    ]),
    ...[...invalid.keys()]
      .filter((name) => !projects.has(name))
      .map((name) => named("project", name, () => explainInvalid(name, known))),
    ...[...agents].map(([name, agent]) => named("agent", name, () => explainAgent(agent, known))),
  ];
}

/** `name` is `<project>/<own name>`, or the own name where that stands for itself. */
function named(kind: string, name: string, explainIt: () => Explanation): Candidate {
  const short = name.slice(name.indexOf("/") + 1);
  return { name: `${kind}:${name}`, short, explain: explainIt };
}
