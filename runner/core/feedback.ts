/** What operators said of a step's work in the run that this one tries once more: words that the next attempt is given. */
import { referencedSteps } from "#runner/core/expression/evaluate.ts";
import type { OpenRun } from "./model.ts";
import { isGateStep, stepNamed } from "./step-graph.ts";
import type { GateDecision } from "#runner/schema/types.gen.ts";

/** null where nothing was said with a rejection, or for changes, of what shows what the step made. */
export function feedbackOf({ earlier, pipeline }: OpenRun, step: string): string | null {
  const said = (earlier?.decisions ?? []).filter(isSaid).flatMap((decision) => {
    const gate = stepNamed(pipeline, decision.step);
    const shows = gate !== undefined && isGateStep(gate) ? referencedSteps(gate.show) : [];
    return shows.includes(step) ? [decision.reason] : [];
  });
  return said.length === 0 ? null : said.join("\n");
}

/** By a person, who said why; how a rejection came about otherwise says nothing of the work. */
function isSaid({ decision, via, reason, gate }: GateDecision): boolean {
  const isWord = decision === "changes-requested" || (decision === "rejected" && via === "reject");
  return isWord && gate !== null && reason.trim() !== "";
}
