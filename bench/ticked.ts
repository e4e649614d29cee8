/** A company whose runs have three steps in turn, and its ticks: the commits are those that the program makes. */
import { DAY_MS, MINUTE_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { shortDigest } from "#runner/core/identifier.ts";
import { reconcile } from "#runner/reconcile.ts";
import { openEngine } from "#runner/wire.ts";
import { ENVIRONMENT, makeWorkspace, range, type BenchWorkspace } from "./workspace.ts";

/** How often the runner looks where nobody says otherwise. */
const SWEEP_MS = 15 * MINUTE_MS;
const START = "2026-01-01T00:00:30.000Z";

const AGENT = `apiVersion: fettle/v1
version: 1.0.0
role: Writes.
runtime: { template: { body: body.hbs } }
inputs: { type: object, properties: { topic: { type: string } }, required: [topic], additionalProperties: false }
outputs: { type: object, properties: { body: { type: string } }, required: [body], additionalProperties: false }
limits: { usd: 0, wall: 1m }
`;

/** Inputs and outputs differ from run to run, as those of real work do. */
const PIPELINE = `apiVersion: fettle/v1
triggers: { schedule: { cron: "*/15 * * * *", catchUp: latest } }
steps:
  - { id: find, agent: finder, with: { topic: "\${{ run.id }}" } }
  - { id: draft, agent: writer, with: { topic: "\${{ steps.find.outputs.body }}" } }
  - { id: record, agent: keeper, with: { topic: "\${{ steps.draft.outputs.body }}" } }
`;

/** After so many days; as many runs are due at each tick as there are `pipelines`. */
export async function ticked(days: number, pipelines: number): Promise<BenchWorkspace> {
  const workspace = makeWorkspace(1);
  workspace.commit({
    ...Object.fromEntries(["finder", "writer", "keeper"].flatMap(agentFiles)),
    ...Object.fromEntries(range(pipelines).map(pipelineFile)),
  });
  for (const tick of range(ticksIn(days) + 1))
    await tickAt(workspace, addMs(START, tick * SWEEP_MS));
  return workspace;
}

export function ticksIn(days: number): number {
  return (days * DAY_MS) / SWEEP_MS;
}

function agentFiles(name: string): readonly (readonly [string, string])[] {
  return [
    [`agents/${name}/agent.yaml`, AGENT],
    [`agents/${name}/body.hbs`, `${name} {{inputs.topic}}\n`],
  ];
}

/** In the place of the one that the workspace has. */
function pipelineFile(index: number): readonly [string, string] {
  return [`projects/p0/pipelines/count${index === 0 ? "" : index}.yaml`, PIPELINE];
}

/** A process of its own would do the same, and take longer. */
async function tickAt({ folder }: BenchWorkspace, now: string): Promise<void> {
  let at = now;
  const around = { environment: ENVIRONMENT, folder, isTerminal: false, columns: 80 };
  const opened = await openEngine(around, {
    start: folder,
    // Durations differ, as those of real work do.
    clock: () => (at = addMs(at, 5 + (Number.parseInt(shortDigest(at, 4), 36) % 90))),
    onProgress: () => undefined,
  });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  const { end } = await reconcile(opened.engine, new AbortController().signal);
  await opened.engine.store.close();
  if (end.kind !== "settled") throw new Error(`${now}: ${end.kind}`);
}
