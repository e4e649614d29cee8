/** Cursors and last runs of a project's pipelines, event by event. */
import { entryOf } from "#runner/core/entry.ts";
import { foldRunForGoals } from "./fold-goal.ts";
import { hourOf } from "#runner/core/time/instant.ts";
import type { EventOf } from "#runner/core/ledger-event.ts";
import type { LiveProject, PipelineState } from "#runner/schema/types.gen.ts";

const SAMPLES_KEPT = 50;

type Pipelines = LiveProject["pipelines"];

/** Keeps the cursors of pipelines that still exist, under a new name where one was renamed, and adds the new ones. */
export function foldPipelines(pipelines: Pipelines, event: EventOf<"project-applied">): Pipelines {
  const entries = event.pipelines.map(
    ({ name, previousNames, watched }): [string, PipelineState] => {
      const known = [name, ...previousNames].find(
        (candidate) => entryOf(pipelines, candidate) !== undefined,
      );
      const before = known === undefined ? undefined : entryOf(pipelines, known);
      const names = [...new Set([...(before?.previousNames ?? []), ...previousNames])];
      const state = {
        ...(before ?? { since: event.at }),
        ...(names.length === 0 ? {} : { previousNames: names }),
      };
      const seenChanges = state.seenChanges ?? watched;
      return [name, seenChanges === null ? state : { ...state, seenChanges }];
    },
  );
  return Object.fromEntries(entries);
}

export function foldPipelineStart(live: LiveProject, event: EventOf<"run-started">): LiveProject {
  const before = entryOf(live.pipelines, event.pipeline);
  if (before === undefined) return live;
  const hour = hourOf(event.at);
  const runs = before.hour?.hour === hour ? before.hour.runs + 1 : 1;
  const after = { ...before, ...event.cursor, hour: { hour, runs } };
  return { ...live, pipelines: { ...live.pipelines, [event.pipeline]: after } };
}

export function foldPipelineEnd(live: LiveProject, event: EventOf<"run-finished">): LiveProject {
  const known = entryOf(live.pipelines, event.pipeline);
  const before = known === undefined ? undefined : withSample(known, event);
  const goals = foldRunForGoals(live.goals, event.serves, event.at);
  // A run that a step started is part of another run: it is no cursor, and no time passes because of it.
  if (before === undefined) return { ...live, goals };
  if (event.parent !== undefined) {
    return { ...live, goals, pipelines: { ...live.pipelines, [event.pipeline]: before } };
  }
  const lastRun = { id: event.run, result: event.result, endedAt: event.at };
  const previous = event.result === "succeeded" ? { previous: event.outputs } : {};
  return {
    ...live,
    goals,
    pipelines: { ...live.pipelines, [event.pipeline]: { ...before, lastRun, ...previous } },
  };
}

function withSample(state: PipelineState, { ms, result }: EventOf<"run-finished">): PipelineState {
  if (ms === undefined) return state;
  const sample = { ms, ok: result === "succeeded" };
  return { ...state, samples: [...(state.samples ?? []), sample].slice(-SAMPLES_KEPT) };
}

/** Notes the watched files as they stand after the pipelines' own deliveries. */
export function foldSeen(pipelines: Pipelines, seen: Readonly<Record<string, string>>): Pipelines {
  const changed = Object.entries(seen).flatMap(([name, seenChanges]) => {
    const before = entryOf(pipelines, name);
    return before === undefined ? [] : [[name, { ...before, seenChanges }] as const];
  });
  return { ...pipelines, ...Object.fromEntries(changed) };
}
