/** A company in memory whose pipeline `inbox` hands what it finds to runs of `handle`. */
import type { Hold, Plan } from "#runner/core/action.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { ProjectVersion } from "#runner/core/model.ts";
import type { Pipeline, PipelineStep, Step } from "#runner/schema/types.gen.ts";
import {
  agent,
  gateStep,
  mailer,
  pipeline,
  pipelineStep,
  project,
  step,
  workspace,
} from "./core-builders.ts";
import { ADA } from "./core-records.ts";
import { Company, type Agents } from "./planned-company.ts";

type Ended = Extract<LedgerEvent, { kind: "run-finished" }>;

export const HANDLE = pipeline([step("work", { with: { message: "${{ params.message }}" } })], {
  params: { message: { type: "string" }, tone: { type: "string", default: "warm" } },
  outputs: { answer: { value: "${{ steps.work.outputs.answer }}", initial: "" } },
});

export const EACH = pipelineStep("each", "handle", { with: { message: "${{ item }}" } });

interface Parts {
  readonly each?: Partial<PipelineStep>;
  readonly steps?: readonly Step[];
  readonly handle?: Pipeline;
  readonly more?: Readonly<Record<string, Pipeline>>;
}

/** One project whose pipeline `inbox` finds items and hands each to a run of `handle`. */
export function shop({ each = {}, steps, handle = HANDLE, more = {} }: Parts = {}): ProjectVersion {
  const inbox = pipeline(steps ?? [step("find"), { ...EACH, ...each }]);
  const agents = [agent("find"), agent("work"), agent("log"), mailer()];
  return project({ pipelines: { inbox, handle, ...more }, agents });
}

export function company(
  items: readonly string[],
  parts: Parts & { readonly agents?: Agents } = {},
): Company {
  return new Company(workspace([shop(parts)]), {
    find: () => ({ outputs: { items } }),
    work: ({ inputs }) => ({ outputs: { answer: `re: ${String(inputs["message"])}` } }),
    ...parts.agents,
  });
}

let asked = 0;

export function ask(of: Company, name: string, owner = "shop"): Plan {
  request(of, name, owner);
  return of.settle();
}

export function request(of: Company, name: string, owner = "shop"): void {
  asked += 1;
  const at = of.now;
  of.ask({
    id: `run-${asked}`,
    kind: "run",
    by: ADA,
    at,
    project: owner,
    pipeline: name,
    params: {},
  });
}

export function ended(of: Company, name: string): readonly Ended[] {
  return of.events.filter(
    (event): event is Ended => event.kind === "run-finished" && event.pipeline === name,
  );
}

export function handled(of: Company): readonly unknown[] {
  return of.executed.flatMap((start) => (start.agent === "work" ? [start.inputs["message"]] : []));
}

export function holdOf({ holds }: Plan): Partial<Hold> {
  return holds.find(({ subject }) => subject.startsWith("step:inbox.")) ?? {};
}

/** A pipeline that asks a person. */
export function waiting(): Pipeline {
  const steps = [
    step("work"),
    gateStep("ask", { text: "${{ steps.work.outputs }}" }, { ask: "always" }),
  ];
  return { ...HANDLE, outputs: {}, steps: [steps[0] ?? step("work"), ...steps.slice(1)] };
}
