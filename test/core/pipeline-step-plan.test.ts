import { isStart } from "#runner/carry-out.ts";
import { expect, test } from "vitest";
import type { Param, PipelineStep, WaitStep } from "#runner/schema/types.gen.ts";
import { pipeline, project, step, workspace } from "../support/core-builders.ts";
import { ADA } from "../support/core-records.ts";
import {
  ask,
  company,
  EACH,
  ended,
  HANDLE,
  handled,
  holdOf,
  request,
  shop,
  waiting,
} from "../support/inbox-company.ts";
import type { Company } from "../support/planned-company.ts";

test("each item gets a run of its own, whose outputs are those of the item", () => {
  const of = company(["a", "b"], {
    steps: [step("find"), EACH, step("log", { with: { items: "${{ steps.each.items }}" } })],
  });

  ask(of, "inbox");

  expect(of.executed.at(-1)?.inputs["items"]).toMatchObject([
    {
      key: "a",
      input: "a",
      outcome: "succeeded",
      outputs: { answer: "re: a" },
      result: "succeeded",
    },
    { key: "b", input: "b", outcome: "succeeded", outputs: { answer: "re: b" } },
  ]);
  expect(ended(of, "inbox")).toMatchObject([{ result: "succeeded" }]);
});

test("a run that a step starts names who waits for it, and begins with defaults, the version and the time of that run", () => {
  const of = company(["a"]);
  request(of, "inbox");
  of.settleUntil("step-start");
  const [parent] = of.observed.runs.values();
  of.wait(60_000);
  of.workspace = { ...of.workspace, commit: "c".repeat(40) };

  of.settleUntil("run-start");
  const start = of.plan().actions.find(({ kind }) => kind === "run-start");

  expect(start).toMatchObject({
    because: `step each of ${parent?.record.id} asks for it, item a`,
    run: {
      slot: "item:a",
      trigger: { kind: "pipeline", run: parent?.record.id, step: "each", item: "a" },
      params: { message: "a", tone: "warm" },
      asOf: parent?.record.asOf,
      desired: parent?.record.desired,
      base: { commit: "c".repeat(40) },
      previous: { answer: "" },
    },
    cursor: {},
    request: null,
  });
});

test("an item that was handled before is handled never again: it is a noop with the outputs of that run", () => {
  const of = company(["a"], {
    steps: [step("find"), EACH, step("log", { with: { items: "${{ steps.each.items }}" } })],
  });

  ask(of, "inbox");
  of.wait(30 * 86_400_000);
  ask(of, "inbox");

  expect(handled(of)).toEqual(["a"]);
  expect(of.executed.at(-1)?.inputs["items"]).toMatchObject([
    { key: "a", outcome: "noop", outputs: { answer: "re: a" }, result: "succeeded" },
  ]);
  expect(ended(of, "inbox").map(({ children }) => children?.[0]?.outcome)).toEqual([
    "succeeded",
    "noop",
  ]);
});

test("the run of a failed item makes the run that waits for it degraded, and its outputs are null", () => {
  const of = company(["a", "b"], {
    steps: [step("find"), EACH, step("log", { with: { items: "${{ steps.each.items }}" } })],
    agents: {
      work: ({ inputs }) =>
        inputs["message"] === "a" ? { outcome: "auth" } : { outputs: { answer: "yes" } },
    },
  });

  ask(of, "inbox");

  expect(of.executed.at(-1)?.inputs["items"]).toMatchObject([
    { key: "a", outcome: "failed", outputs: null, result: "failed" },
    { key: "b", outcome: "succeeded" },
  ]);
  expect(ended(of, "inbox")).toMatchObject([
    { result: "degraded", reason: "each: 1 of 2 items failed" },
  ]);
});

test("at most maxParallel runs are open; the step says what it waits for", () => {
  const of = company(["a", "b", "c"], { each: { maxParallel: 2 }, handle: waiting() });

  const plan = ask(of, "inbox");

  expect(of.observed.gates.size).toBe(2);
  expect(holdOf(plan)).toMatchObject({ reason: "dependency-not-ready" });
  expect(holdOf(plan).why).toMatch(/^it waits for handle\.\w+, handle\.\w+; 1 more item waits$/);
  of.approve();
  of.settle();
  expect(of.observed.gates.size).toBe(1);
});

test("with releaseAt: gate a run that waits for a person leaves its place to the next item", () => {
  const handle = { ...waiting(), concurrency: { releaseAt: "gate" as const } };
  const of = company(["a", "b", "c"], { each: { maxParallel: 1 }, handle });

  ask(of, "inbox");

  expect(of.observed.gates.size).toBe(3);
});

test("a gate about a cap leaves no place to the next item", () => {
  const { params } = waiting();
  const budget = [{ per: "day" as const, wall: "30s", onExhausted: "gate" as const }];
  const slow = { budget, concurrency: { releaseAt: "gate" as const }, ...(params && { params }) };
  const handle = pipeline([step("work")], slow);
  const of = company(["a", "b", "c"], { each: { maxParallel: 1 }, handle });

  ask(of, "inbox");

  expect([...of.observed.gates.values()].map(({ record }) => record.raises?.axis)).toEqual(["ms"]);
  expect(of.observed.runs.size).toBe(2);
});

test("runs that a step started neither wait for each other nor make others wait", () => {
  const handle = { ...waiting(), concurrency: { policy: "skip" as const }, params: {} };
  const of = company(["a", "b"], { each: { with: {} }, handle });

  ask(of, "inbox");
  const plan = ask(of, "handle");

  expect(of.observed.gates.size).toBe(3);
  expect(plan.holds.some(({ subject }) => subject === "pipeline:handle")).toBe(false);
});

test("what a run of a step gave is no cursor of the pipeline", () => {
  const handle = pipeline([step("work", { with: { last: "${{ previous.answer }}" } })], {
    outputs: { answer: { value: "${{ steps.work.outputs.answer }}", initial: "none" } },
  });
  const of = company(["a"], { each: { with: {} }, handle });

  ask(of, "inbox");
  ask(of, "handle");

  const seen = of.executed.flatMap(({ agent: name, inputs }) =>
    name === "work" ? [inputs["last"]] : [],
  );
  expect(seen).toEqual(["none", "none"]);
  expect(of.observed.summaries.projects.get("shop")?.pipelines["handle"]?.lastRun).toMatchObject({
    result: "succeeded",
  });
});

test("with onItemFailure: fail no further run starts, and those that are open come to their end", () => {
  const of = company(["a", "b", "c"], {
    each: { onItemFailure: "fail", maxParallel: 2 },
    handle: waiting(),
    agents: {
      work: (start) => (start.run === firstRun(of) ? { outcome: "auth" } : { outputs: {} }),
    },
  });

  const plan = ask(of, "inbox");

  expect(of.observed.gates.size).toBe(1);
  expect(holdOf(plan).why).toMatch(/^it waits for handle\.\w+$/);
  of.approve();
  of.settle();
  expect(ended(of, "inbox")).toMatchObject([{ result: "failed" }]);
  expect(ended(of, "handle")).toHaveLength(2);
});

function firstRun(of: Company): string | undefined {
  return of.executed.find((start) => start.agent === "work")?.run;
}

test("without forEach one run is started for each run of the pipeline", () => {
  const once: PipelineStep = { id: "each", pipeline: "handle", with: { message: "hello" } };
  const of = company([], {
    steps: [once, step("log", { with: { said: "${{ steps.each.outputs.answer }}" } })],
  });

  ask(of, "inbox");
  ask(of, "inbox");

  expect(handled(of)).toEqual(["hello", "hello"]);
  expect(of.executed.at(-1)?.inputs["said"]).toBe("re: hello");
});

test("a rejection in the only run of a step is a rejection of the run that waits for it", () => {
  const once: PipelineStep = { id: "each", pipeline: "handle", with: { message: "hello" } };
  const of = company([], { steps: [once], handle: waiting() });
  ask(of, "inbox");
  const [gate = ""] = of.observed.gates.keys();

  of.ask({ id: "reject-1", kind: "reject", by: ADA, at: of.now, gate, reason: "no" });
  of.settle();

  expect(ended(of, "inbox")).toMatchObject([{ result: "rejected" }]);
});

test("a suspended pipeline starts no run for a step, whatever it was when the run began", () => {
  const of = company(["a"]);
  request(of, "inbox");
  of.settleUntil("step-start");
  of.workspace = workspace([shop({ handle: { ...HANDLE, suspend: true } })]);

  expect(holdOf(of.settle())).toMatchObject({
    reason: "suspended",
    why: "pipeline handle is suspended",
  });
  of.workspace = workspace([shop()]);
  of.settle();
  expect(ended(of, "inbox")).toMatchObject([{ result: "succeeded" }]);
});

test("parameters that do not fit hold the item and say why; the others go on", () => {
  const message: Param = { type: "string", enum: ["a"] };
  const handle = { ...HANDLE, params: { message } };
  const of = company(["a", "b"], { handle });

  const plan = ask(of, "inbox");

  expect(handled(of)).toEqual(["a"]);
  expect(holdOf(plan)).toMatchObject({
    reason: "expression",
    why: "parameter message must be one of a (item b)",
  });
});

test("two steps that ask for the same item of one pipeline share the run", () => {
  const second = { ...EACH, id: "again" };
  const of = company(["a"], { steps: [step("find"), EACH, second] });

  ask(of, "inbox");

  expect(handled(of)).toEqual(["a"]);
  expect(ended(of, "inbox")[0]?.children?.map(({ outcome }) => outcome)).toEqual([
    "succeeded",
    "noop",
  ]);
});

test("an item stays handled when project and pipeline get new names", () => {
  const of = company(["a"]);
  ask(of, "inbox");
  const { agents, pipelines } = shop();
  const inbox = pipeline([step("find"), { ...EACH, pipeline: "answer" }]);
  const renamed = { ...HANDLE, previousNames: ["handle"] };
  const manifest = { apiVersion: "fettle/v1" as const, summary: "New.", previousNames: ["shop"] };
  of.workspace = workspace([
    {
      ...project({ name: "store", pipelines: { inbox, answer: renamed }, digest: "d2" }),
      manifest,
      agents,
    },
  ]);
  of.settle();

  request(of, "inbox", "store");
  of.settle();

  expect(pipelines.size).toBe(2);
  expect(handled(of)).toEqual(["a"]);
});

test("a run started under the old name of a pipeline sees what was handled under the new one", () => {
  const of = company(["a"], { handle: { ...HANDLE } });
  request(of, "inbox");
  of.settleUntil("step-start");
  const { run } = of.plan().actions.find(isStart) ?? { run: "" };
  const renamed = { ...HANDLE, previousNames: ["handle"] };
  const later = pipeline([step("find"), { ...EACH, pipeline: "answer" }]);
  of.workspace = workspace([
    {
      ...shop(),
      digest: "d2",
      pipelines: new Map([
        ["inbox", pipeline([step("find")])],
        ["later", later],
        ["answer", renamed],
      ]),
    },
  ]);
  of.observed = { ...of.observed, working: new Set([JSON.stringify([run, "find", null])]) };
  ask(of, "later");
  expect(handled(of)).toEqual(["a"]);

  of.observed = { ...of.observed, working: new Set() };
  of.settle();

  expect(handled(of)).toEqual(["a"]);
  expect(ended(of, "inbox")).toMatchObject([{ children: [{ outcome: "noop" }] }]);
});

test("a wait begins when the runs of a step have ended, not when they could have started", () => {
  const pause: WaitStep = { id: "pause", wait: { for: "1h" }, needs: ["each"] };
  const of = company(["a"], { steps: [step("find"), EACH, pause], handle: waiting() });
  ask(of, "inbox");
  of.wait(2 * 3_600_000);
  of.approve();

  const plan = of.settle();

  expect(holdOf(plan)).toMatchObject({ reason: "waiting", why: "it waits 1h" });
});

const PAYING = pipeline(
  [step("pay", { agent: "mailer", once: { key: "${{ params.message }}" } })],
  {
    params: { message: { type: "string" } },
  },
);

test("a run that fails names the runs that acted for it, which nothing undoes by itself", () => {
  const log = step("log", { with: { items: "${{ steps.each.items }}" } });
  const of = company(["a"], {
    steps: [step("find"), EACH, log],
    handle: PAYING,
    agents: { mailer: () => ({}), log: () => ({ outcome: "missing-data" }) },
  });

  ask(of, "inbox");

  const [child] = ended(of, "handle");
  expect(child?.result).toBe("succeeded");
  expect(ended(of, "inbox")).toMatchObject([
    {
      result: "failed",
      reason: expect.stringContaining(
        `; not undone: ${child?.run ?? ""} (fettle undo ${child?.run ?? ""})`,
      ),
    },
  ]);
});
