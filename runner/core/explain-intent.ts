/** Why a pipeline or a goal does what it does now, or nothing. */
import { entryOf } from "./entry.ts";
import {
  instant,
  money,
  nextFacts,
  text,
  type Explanation,
  type Fact,
  type Known,
} from "./explanation.ts";
import type { Action } from "./action.ts";
import type { ProjectVersion } from "./model.ts";
import type { Goal, GoalState, PipelineState, Triggers } from "#runner/schema/types.gen.ts";

export function explainPipeline(project: ProjectVersion, name: string, known: Known): Explanation {
  const manifest = project.pipelines.get(name);
  const state = entryOf(known.observed.summaries.projects.get(project.name)?.pipelines, name);
  const open = openRuns(project, [name], known);
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
        facts: [...open.map((run) => text("open", run)), ...lastRunFacts(state, known)],
      },
      {
        title: "what is next",
        facts: [
          ...suspendFacts(project, manifest?.suspend === true, known),
          ...nextOf(project, { subject: `pipeline:${name}`, runs: open }, known),
          ...moreFacts(open[0] ?? state?.lastRun?.id),
        ],
      },
    ],
  };
}

function lastRunFacts(state: PipelineState | undefined, { closed }: Known): Fact[] {
  if (state === undefined) return [text("last run", "none yet")];
  const { lastRun, lastDue } = state;
  const run = lastRun === undefined ? undefined : closed.get(lastRun.id);
  const reason = run === undefined || run.reason === "" ? "" : `: ${run.reason}`;
  return [
    ...(lastRun === undefined
      ? [text("last run", "none yet")]
      : [text("last run", lastRun.id), text("result", `${lastRun.result}${reason}`)]),
    ...(run === undefined ? [] : [text("because", run.run.because), money("cost", run.costMicros)]),
    ...instant("ended", lastRun?.endedAt),
    ...instant("last due", lastDue),
  ];
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
