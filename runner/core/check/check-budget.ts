/** Caps that no run could stay under, that stand twice, or that limit nothing. */
import { amountWords, axisField } from "#runner/core/money/amount-words.ts";
import { type Axis, limitsOf } from "#runner/core/money/budget.ts";
import { type Found, pointer } from "./check-finding.ts";
import { modelsAsked } from "#runner/core/money/demand.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { microsOf } from "#runner/core/money/amount.ts";
import type { AgentVersion } from "#runner/core/model.ts";
import type { Agent, Budget } from "#runner/schema/types.gen.ts";

type Place = readonly [field: string, index: number];

/** An agent with its name. */
export type Spender = Pick<AgentVersion, "name" | "manifest">;

/** `agents` may all run under the caps; one attempt of the dearest must fit. */
export function checkBudget(
  budget: readonly Budget[] | undefined,
  agents: readonly Spender[],
): readonly Found[] {
  const caps = budget ?? [];
  return caps.flatMap((cap, index): readonly Found[] => {
    const place: Place = ["budget", index];
    if (cap.runs !== undefined || cap.per === "hour") return checkRuns(place, cap, caps);
    const [limit, ...more] = limitsOf(cap);
    if (limit === undefined) return [missing(place)];
    if (more.length > 0) return [tooMany(place)];
    const first = caps.findIndex((other) => isSame(other, cap));
    if (first !== index) return [twice(place, cap, limit.axis)];
    return [...unreachable(place, cap, agents), ...order(place, cap)];
  });
}

/** Only runs are counted by the hour, and only by the hour. */
function checkRuns(place: Place, cap: Budget, caps: readonly Budget[]): readonly Found[] {
  if (cap.runs === undefined || cap.per !== "hour" || limitsOf(cap).length > 0) {
    const message = "runs are limited per hour, and nothing else is";
    const hint = "such as { per: hour, runs: 10 }";
    return [{ code: "budget/runs", pointer: pointer(...place), message, hint }];
  }
  if (cap.onExhausted === "gate") {
    const message = "what more runs wait for is the next hour: no gate proposes more of them";
    const hint = "remove `onExhausted`";
    const at = pointer(...place, "onExhausted");
    return [{ code: "budget/runs", pointer: at, message, hint }];
  }
  const isFirst = caps.find(({ per, runs }) => per === "hour" && runs !== undefined) === cap;
  const message = "there are two caps on runs per hour";
  return isFirst ? [] : [{ code: "budget/twice", pointer: pointer(...place, "per"), message }];
}

function missing(place: Place): Found {
  const message = "a cap needs what it limits: usd, tokens, requests, wall or runs";
  return { code: "budget/empty", pointer: pointer(...place), message };
}

function tooMany(place: Place): Found {
  const message = "a cap limits one thing: give each its own line";
  return { code: "budget/several", pointer: pointer(...place), message };
}

function isSame(a: Budget, b: Budget): boolean {
  return a.per === b.per && limitsOf(a)[0]?.axis === limitsOf(b)[0]?.axis;
}

function twice(place: Place, { per }: Budget, axis: Axis): Found {
  const message = `there are two caps on ${axisField(axis)} per ${per}`;
  return { code: "budget/twice", pointer: pointer(...place, "per"), message };
}

function order(place: Place, { softAt, warnAt }: Budget): readonly Found[] {
  if (softAt === undefined || warnAt === undefined || warnAt <= softAt) return [];
  const message = `warnAt ${warnAt} is above softAt ${softAt}: nobody is warned before`;
  return [
    { code: "budget/order", severity: "warning", pointer: pointer(...place, "warnAt"), message },
  ];
}

function unreachable(place: Place, cap: Budget, agents: readonly Spender[]): readonly Found[] {
  return limitsOf(cap).flatMap(({ axis, limit }): readonly Found[] => {
    const unbounded = agents.find(
      ({ manifest }) => modelsAsked({ manifest }).length > 0 && mostOf(manifest, axis) === null,
    );
    const field = axisField(axis);
    if (unbounded !== undefined) {
      const message = `a cap on ${field} needs limits.${field} of every agent that asks models`;
      const hint = `agent ${unbounded.name} has none: add it to agents/${unbounded.name}/agent.yaml`;
      return [{ code: "budget/unbounded", pointer: pointer(...place, field), message, hint }];
    }
    const dearest = Math.max(0, ...agents.map(({ manifest }) => mostOf(manifest, axis) ?? 0));
    if (limit >= dearest) return [];
    const message = `${amountWords(axis, limit)} per ${cap.per} cannot pay one attempt that may cost ${amountWords(axis, dearest)}`;
    const hint = `raise it to at least ${amountWords(axis, dearest)}, or lower limits.${field} of the agent`;
    const at = pointer(...place, field);
    return [{ code: "budget/unreachable", severity: "warning", pointer: at, message, hint }];
  });
}

function mostOf({ limits }: Agent, axis: Axis): number | null {
  switch (axis) {
    case "micros":
      return microsOf(limits.usd);
    case "tokens":
    case "requests":
      return limits[axis] ?? null;
    case "ms":
      return durationMs(limits.wall);
  }
}

/** What one run takes is that of all its agents: each agent has limits for its attempts. */
export function checkWithoutRun(budget: readonly Budget[] | undefined): readonly Found[] {
  return (budget ?? []).flatMap(({ per }, index): readonly Found[] => {
    if (per !== "run") return [];
    const message = "a cap per run belongs into the budget of a pipeline or a project";
    const hint = "limits of the agent hold for each of its attempts";
    return [{ code: "budget/run", pointer: pointer("budget", index, "per"), message, hint }];
  });
}

/** Caps of the workspace or an agent: runs belong to pipelines. */
export function checkWithoutRuns(budget: readonly Budget[] | undefined): readonly Found[] {
  return (budget ?? []).flatMap(({ runs }, index): readonly Found[] => {
    if (runs === undefined) return [];
    const message = "runs are limited in the budget of a pipeline or a project";
    return [{ code: "budget/runs", pointer: pointer("budget", index, "runs"), message }];
  });
}
