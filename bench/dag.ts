/** The DAG that the peers are given as well: layers of ten steps, each of which needs two of the layer before. */
import { fettle } from "./program.ts";
import { range, type BenchWorkspace } from "./workspace.ts";

export const WIDTH = 10;

export interface DagStep {
  readonly id: string;
  readonly needs: readonly string[];
}

export function dagOf(steps: number): readonly DagStep[] {
  return range(steps).map((step) => {
    const layer = Math.floor(step / WIDTH);
    const place = step % WIDTH;
    const before = [place, (place + 3) % WIDTH].map((at) => `s${(layer - 1) * WIDTH + at}`);
    return { id: `s${step}`, needs: layer === 0 ? [] : before };
  });
}

/** Pipeline `dag`, of steps that the agent `writer` carries out; see letters.ts. */
export function addDag(workspace: BenchWorkspace, steps: number): void {
  const lines = dagOf(steps).map(
    ({ id, needs }) =>
      `  - { id: ${id}, agent: writer, needs: [${needs.join(", ")}], with: { topic: ${id} } }\n`,
  );
  const head = "apiVersion: fettle/v1\nmaxParallel: 64\nsteps:\n";
  workspace.commit({ "projects/p0/pipelines/dag.yaml": head + lines.join("") });
  fettle("-C", workspace.folder, "reconcile");
}
