/** Whether the next run of each pipeline fits what is left of the caps. */
import { amountWords, perWords } from "#runner/core/money/amount-words.ts";
import { type Cap, capsFor, standingOf } from "#runner/core/money/budget.ts";
import type { CapWarning } from "#runner/core/money/cap-warning.ts";
import type { CostFacts } from "#runner/core/money/cost-report.ts";
import type { ProjectVersion } from "./model.ts";
import { paramsOf } from "./param.ts";
import { type Part, partsOf } from "./pipeline-forecast.ts";
import type { Pipeline } from "#runner/schema/types.gen.ts";

/** What may need more than is left of a cap of which something is left; what is used up is told elsewhere. */
export function nextRunWarnings(facts: CostFacts): readonly CapWarning[] {
  return [...facts.workspace.projects.values()].flatMap((version) =>
    [...version.pipelines].flatMap(([name, pipeline]) => {
      const isResting = pipeline.suspend === true || version.manifest.suspend === true;
      return isResting ? [] : warningsOf(facts, version, { name, pipeline });
    }),
  );
}

interface Named {
  readonly name: string;
  readonly pipeline: Pipeline;
}

interface Need {
  readonly cap: Cap;
  readonly micros: number;
}

function warningsOf(facts: CostFacts, version: ProjectVersion, of: Named): readonly CapWarning[] {
  const known = { ...facts, planned: [] };
  return [...needs(facts, version, of).values()].flatMap(({ cap, micros }) => {
    const { scope, file, limit, budget } = cap;
    const { taken, reserved } = standingOf(known, cap, "");
    const left = limit - taken - reserved;
    if (left <= 0 || micros <= left) return [];
    const need = `the next run of ${version.name}/${of.name} may need ${amountWords("micros", micros)}`;
    const rest = `${amountWords("micros", left)} is left of ${amountWords("micros", limit)}`;
    const text = `${need}; ${rest} ${perWords(budget.per)} of ${scope}`;
    return [{ level: "next" as const, scope, file, text, until: null }];
  });
}

/** By cap: what the agents that it counts may take. */
function needs(
  { workspace, observed }: CostFacts,
  version: ProjectVersion,
  { name, pipeline }: Named,
): ReadonlyMap<string, Need> {
  const params = paramsOf(pipeline, {});
  const parts = partsOf(pipeline, {
    workspace,
    stats: observed.summaries.stats,
    agents: version.agents,
    pipelines: version.pipelines,
    params: params.ok ? params.value : {},
  });
  const found = new Map<string, Need>();
  for (const part of parts) {
    for (const cap of moneyCaps({ workspace, observed }, version, { name, part })) {
      const key = JSON.stringify([cap.file, cap.budget]);
      const before = found.get(key)?.micros ?? 0;
      found.set(key, { cap, micros: before + part.forecast.highMicros });
    }
  }
  return found;
}

function moneyCaps(
  facts: Pick<CostFacts, "workspace" | "observed">,
  version: ProjectVersion,
  { name, part }: { readonly name: string; readonly part: Part },
): readonly Cap[] {
  const work = { project: version.name, pipeline: name, run: "", agent: part.agent };
  const caps = capsFor({ ...facts, now: "", planned: [] }, work).filter(
    ({ axis }) => axis === "micros",
  );
  // An agent's cap is found twice: in main and in the version that a run would be pinned to.
  return [...new Map(caps.map((cap) => [JSON.stringify([cap.file, cap.budget]), cap])).values()];
}
