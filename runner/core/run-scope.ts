/** What expressions of a run see (docs/expressions.md). */
import type { RunContext, StepEnd } from "./step-plan.ts";

export type Scope = Readonly<Record<string, unknown>>;

/** The values in scope of every expression of the run; `ends` are the steps that are over. */
export function runScope(context: RunContext, ends: ReadonlyMap<string, StepEnd>): Scope {
  const { workspace, run, failure } = context;
  const { record } = run;
  return {
    workspace: { name: workspace.settings.name ?? "", timezone: timezoneOf(workspace.settings) },
    project: { name: record.project, dir: projectDir(record.project) },
    pipeline: { name: record.pipeline },
    run: { id: record.id, asOf: record.asOf },
    trigger: record.trigger,
    params: record.params,
    previous: record.previous,
    steps: Object.fromEntries([...ends].map(([id, end]) => [id, end.value])),
    ...(failure === undefined ? {} : { failure }),
  };
}

export function projectDir(project: string): string {
  return `projects/${project}`;
}

export function timezoneOf(settings: { readonly timezone?: string }): string {
  return settings.timezone ?? "UTC";
}
