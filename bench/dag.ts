/** The DAG that the peers are given as well: layers of ten steps, each of which needs two of the layer before. */
import { addLetters, writeLetters, type WriterRuntime } from "./letters.ts";
import { timed } from "./measure.ts";
import { fettle } from "./program.ts";
import { range, type BenchWorkspace } from "./workspace.ts";

const WIDTH = 10;

export interface DagStep {
  readonly id: string;
  readonly needs: readonly string[];
}

export function dagOf(layers: number): readonly (readonly DagStep[])[] {
  return range(layers).map((layer) =>
    range(WIDTH).map((place) => ({
      id: `s${layer}x${place}`,
      needs: layer === 0 ? [] : [place, (place + 3) % WIDTH].map((at) => `s${layer - 1}x${at}`),
    })),
  );
}

/** Pipelines `dag`, whose steps write letters, and `first`, which has one of them. */
export function addDag(workspace: BenchWorkspace, runtime: WriterRuntime, layers: number): void {
  addLetters(workspace, runtime);
  const steps = dagOf(layers).flat();
  workspace.commit({
    "projects/p0/pipelines/dag.yaml": pipelineText(steps),
    "projects/p0/pipelines/first.yaml": pipelineText(steps.slice(0, 1)),
  });
  fettle("-C", workspace.folder, "reconcile");
}

function pipelineText(steps: readonly DagStep[]): string {
  const lines = steps.map(
    ({ id, needs }) =>
      `  - { id: ${id}, agent: writer, needs: [${needs.join(", ")}], with: { topic: ${id} } }\n`,
  );
  return `apiVersion: fettle/v1\nmaxParallel: 64\nsteps:\n${lines.join("")}`;
}

/** Milliseconds that one step more adds to a tick. */
export async function dagStepMs(workspace: BenchWorkspace, layers: number): Promise<number> {
  fettle("-C", workspace.folder, "run", "first");
  const one = await timed(() => writeLetters(workspace));
  fettle("-C", workspace.folder, "run", "dag");
  const all = await timed(() => writeLetters(workspace));
  return (all - one) / (layers * WIDTH - 1);
}
