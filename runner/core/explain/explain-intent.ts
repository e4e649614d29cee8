/** Why a pipeline or a goal does what it does now, or nothing. */
import { entryOf } from "#runner/core/entry.ts";
import {
  instant,
  levelSection,
  money,
  nextFacts,
  text,
  type Explanation,
  type Fact,
  type Known,
  type Section,
} from "#runner/core/explanation.ts";
import { endedNext } from "./explain-run.ts";
import { historyOfClosed } from "#runner/core/run-history.ts";
import { pipelineLevels } from "#runner/core/slo-words.ts";
import type { Action } from "#runner/core/action.ts";
import type { ProjectVersion } from "#runner/core/model.ts";
import type {
  ClosedRun,
  Goal,
  GoalState,
  PipelineState,
  RunRecord,
  Triggers,
} from "#runner/schema/types.gen.ts";

export function explainPipeline(project: ProjectVersion, name: string, known: Known): Explanation {
  const manifest = project.pipelines.get(name);
  const state = entryOf(known.observed.summaries.projects.get(project.name)?.pipelines, name);
  const open = openRuns(project, [name], known);
  const latest = latestRun(state, { project: project.name, pipeline: name }, known);
  return {
    title: `pipeline ${name} of ${project.name}`,
    summary: manifest?.summary ?? "",
    sections: [
      {
        title: "what starts it",
        facts: [
          ...triggerFacts(manifest?.triggers ?? {}),
          {
            kind: "command",
            label: "by hand",
            words: ["fettle", "run", `${project.name}/${name}`],
          },
        ],
      },
      {
        title: "what it did",
        facts: [...open.map((run) => text("open", run)), ...lastRunFacts(latest, state)],
      },
      levelsOf(project, name, known),
      {
        title: "what is next",
        facts: [
          ...suspendFacts(project, manifest?.suspend === true, known),
          ...leftOf(latest, known),
          ...nextOf(project, { subject: `pipeline:${name}`, runs: open }, known),
          ...moreFacts(open[0] ?? latest?.id),
        ],
      },
    ],
  };
}

function levelsOf({ name, pipelines }: ProjectVersion, pipeline: string, known: Known): Section {
  const slo = pipelines.get(pipeline)?.slo;
  return levelSection(slo, pipelineLevels({ project: name, pipeline, slo }, known.observed));
}

interface LatestRun extends NonNullable<PipelineState["lastRun"]> {
  /** Undefined where it was not read. */
  readonly closed: ClosedRun | undefined;
}

/** Runs that other runs started are no last run of the pipeline's triggers, but runs of it all the same. */
function latestRun(
  state: PipelineState | undefined,
  { project, pipeline }: Pick<RunRecord, "project" | "pipeline">,
  { closed }: Known,
): LatestRun | undefined {
  const triggered = state?.lastRun;
  const runs = [...closed.values()]
    .filter(({ run }) => run.project === project && run.pipeline === pipeline)
    .map((run) => ({ id: run.run.id, result: run.result, endedAt: run.endedAt, closed: run }));
  const known = runs.some(({ id }) => id === triggered?.id);
  const all =
    triggered === undefined || known ? runs : [...runs, { ...triggered, closed: undefined }];
  return all.reduce<LatestRun | undefined>(
    (latest, one) => (latest === undefined || one.endedAt > latest.endedAt ? one : latest),
    undefined,
  );
}

function lastRunFacts(latest: LatestRun | undefined, state: PipelineState | undefined): Fact[] {
  const due = instant("last due", state?.lastDue);
  if (latest === undefined) return [text("last run", "none yet"), ...due];
  const { id, result, endedAt, closed } = latest;
  const reason = closed === undefined || closed.reason === "" ? "" : `: ${closed.reason}`;
  return [
    text("last run", id),
    text("result", `${result}${reason}`),
    ...(closed === undefined
      ? []
      : [text("because", closed.run.because), money("cost", closed.costMicros)]),
    ...instant("ended", endedAt),
    ...due,
  ];
}

function leftOf(latest: LatestRun | undefined, known: Known): Fact[] {
  return latest?.closed === undefined ? [] : endedNext(historyOfClosed(latest.closed), known);
}

function moreFacts(run: string | undefined): Fact[] {
  if (run === undefined) return [];
  return [{ kind: "command", label: "more", words: ["fettle", "explain", run] }];
}

function openRuns(project: ProjectVersion, pipelines: readonly string[], known: Known): string[] {
  return [...known.observed.runs.values()]
    .filter(({ record }) => record.project === project.name && pipelines.includes(record.pipeline))
    .map(({ record }) => record.id);
}

function triggerFacts({ goal, schedule, changes }: Triggers): Fact[] {
  const zone = schedule?.timezone === undefined ? "" : ` ${schedule.timezone}`;
  return [
    ...(goal === undefined ? [] : [text("goal", `${goal} is not met`)]),
    ...(schedule === undefined ? [] : [text("schedule", `${schedule.cron}${zone}`)]),
    ...(changes === undefined ? [] : [text("changes", changes.join(", "))]),
  ];
}

/** Where it is written that nothing starts. */
export function suspendFacts(project: ProjectVersion, pipeline: boolean, known: Known): Fact[] {
  const where = [
    ...(pipeline ? ["the pipeline"] : []),
    ...(project.manifest.suspend === true ? [`projects/${project.name}/project.yaml`] : []),
    ...(known.workspace.settings.suspend === true ? ["fettle.yaml"] : []),
  ];
  return where.length === 0 ? [] : [text("suspended", `suspend: true in ${where.join(" and ")}`)];
}

export function explainGoal(
  project: ProjectVersion,
  { name, goal }: { readonly name: string; readonly goal: Goal },
  known: Known,
): Explanation {
  const state = entryOf(known.observed.summaries.projects.get(project.name)?.goals, name);
  const runs = openRuns(project, [...goal.pipelines, `goal.${name}`], known);
  return {
    title: `goal ${name} of ${project.name}`,
    summary: goal.statement,
    sections: [
      { title: "where it stands", facts: standingFacts(goal, state) },
      {
        title: "what brings it about",
        facts: [
          text("pipelines", goal.pipelines.join(", ")),
          text("measured by", `${goal.metric.output} of ${goal.metric.agent}, every ${goal.check}`),
          ...runs.map((run) => text("open", run)),
        ],
      },
      {
        title: "what is next",
        facts: [
          ...suspendFacts(project, false, known),
          ...nextOf(project, { subject: `goal:${name}`, runs }, known),
        ],
      },
    ],
  };
}

function standingFacts(goal: Goal, state: GoalState | undefined): Fact[] {
  const { min, max } = goal.target;
  const target = [
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
  ].join(" and ");
  if (state === undefined) return [text("target", target), text("value", "not measured yet")];
  return [
    text("target", target),
    text("value", standingText(state)),
    ...(state.reason === undefined ? [] : [text("reason", state.reason)]),
    ...instant("measured", state.measuredAt),
    ...(state.unmetRuns === 0 ? [] : [text("runs since", `${state.unmetRuns} without success`)]),
    ...historyFacts(state),
  ];
}

/** "9: not met". */
export function standingText(state: GoalState | undefined): string {
  if (state === undefined) return "not measured yet";
  const word = state.met === null ? "unknown" : state.met ? "met" : "not met";
  return `${state.value ?? "unknown"}: ${word}`;
}

function historyFacts({ history }: GoalState): Fact[] {
  if (history.length < 2) return [];
  return [
    text(
      "before",
      history
        .slice(-8)
        .map(({ value }) => value ?? "unknown")
        .join(", "),
    ),
  ];
}

interface Concern {
  readonly subject: string;
  readonly runs: readonly string[];
}

function nextOf(project: ProjectVersion, { subject, runs }: Concern, known: Known): Fact[] {
  return nextFacts(known.plan, {
    action: (action) => action.project === project.name && concerns(action, { subject, runs }),
    hold: (hold) =>
      (hold.project === project.name && (hold.subject === subject || hold.subject === "project")) ||
      runs.some((run) => hold.subject === `run:${run}` || hold.subject.startsWith(`step:${run}/`)),
  });
}

function concerns(action: Action, { subject, runs }: Concern): boolean {
  if (action.kind === "run-start") return `pipeline:${action.run.pipeline}` === subject;
  if (action.kind === "goal-measure") return action.run.pipeline === subject.replace(":", ".");
  return "run" in action && typeof action.run === "string" && runs.includes(action.run);
}
