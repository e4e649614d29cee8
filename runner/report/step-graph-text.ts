/** The steps of a run as a picture: what is done, where it waits, what comes after. */
import { mermaidText } from "./mermaid-text.ts";
import { inOrder, needsOf } from "#runner/core/step-graph.ts";
import type { OpenRun } from "#runner/core/model.ts";

/** More would be no picture on a phone. */
const STEPS_SHOWN = 40;

/** A fenced Mermaid flowchart; empty where there are too many steps. */
export function stepGraph({ pipeline, attempts }: OpenRun, gate: string): string {
  const steps = inOrder(pipeline.steps);
  if (steps.length > STEPS_SHOWN) return "";
  const names = new Map(steps.map(({ id }, index) => [id, `s${index}`]));
  const done = new Set(attempts.filter(({ outcome }) => outcome !== null).map(({ step }) => step));
  const nodes = steps.map(({ id }) => {
    const style = id === gate ? ":::waits" : done.has(id) ? ":::done" : "";
    return `  ${names.get(id) ?? ""}["${mermaidText(id)}"]${style}`;
  });
  const edges = steps.flatMap((step) =>
    needsOf(step).flatMap((need) => {
      const from = names.get(need);
      return from === undefined ? [] : [`  ${from} --> ${names.get(step.id) ?? ""}`];
    }),
  );
  const styles = ["  classDef done opacity:0.6", "  classDef waits stroke-width:3px"];
  return ["```mermaid", "flowchart TD", ...nodes, ...edges, ...styles, "```"].join("\n");
}
