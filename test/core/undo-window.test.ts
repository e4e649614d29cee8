import { expect, test } from "vitest";
import { undoWindowHold } from "#runner/core/undo/undo-window.ts";
import type { Failure } from "#runner/core/step-plan.ts";
import type { AgentStep } from "#runner/schema/types.gen.ts";
import {
  gateStep,
  mailer,
  NOW,
  openRun,
  pipeline,
  project,
  runContext,
  step,
  workspace,
} from "../support/core-builders.ts";
import { attempt, decided } from "../support/core-records.ts";

const send = step("send", {
  agent: "mailer",
  needs: ["review"],
  once: { key: "a" },
  undoWindow: "10m",
});
const MOMENTS = { finishedAt: "2026-11-22T09:00:00.000Z", startedAt: "2026-11-22T08:59:00.000Z" };

interface Situation {
  readonly decidedAt?: string;
  readonly current?: AgentStep;
  readonly failure?: Failure;
  readonly isCalledOff?: true;
}

function untilOf({ decidedAt = NOW, current = send, ...more }: Situation): string | null {
  const before = [step("find"), gateStep("review", { a: "${{ steps.find.outputs }}" })];
  const last = more.failure === undefined ? [] : [{ ...send, needs: [] }];
  const of = pipeline([...before, send], last.length === 0 ? {} : { onFailure: [step("warn")] });
  const run = openRun(of, {
    agents: [mailer()],
    attempts: [attempt("find", MOMENTS)],
    decisions: [decided({ step: "review", at: decidedAt })],
  });
  const desired = workspace([project({ pipelines: { chase: pipeline([...before, current]) } })]);
  const context = runContext(run, { workspace: desired, ...more });
  const asked = more.failure === undefined ? send : { ...send, id: "warn", needs: [] };
  return undoWindowHold(context, asked)?.until ?? null;
}

const { undoWindow: _, ...without } = send;

test.each<[string, Situation, string | null]>([
  ["what it needs was decided just now", {}, "2026-11-22T10:10:00.000Z"],
  [
    "it was decided nine minutes ago",
    { decidedAt: "2026-11-22T09:51:00.000Z" },
    "2026-11-22T10:01:00.000Z",
  ],
  ["its time is up", { decidedAt: "2026-11-22T09:50:00.000Z" }, null],
  [
    "main gives it more time by now",
    { current: { ...send, undoWindow: "1h" } },
    "2026-11-22T11:00:00.000Z",
  ],
  [
    "main gives it no time any more: the longer counts",
    { current: without },
    "2026-11-22T10:10:00.000Z",
  ],
  ["the run is called off", { isCalledOff: true }, null],
  [
    "it follows a failure: from the last thing before it on",
    { failure: { step: "find", reason: "", outcome: "failed" } },
    "2026-11-22T10:10:00.000Z",
  ],
])("an effect waits where %s", (_name, situation, until) => {
  expect(untilOf(situation)).toBe(until);
});
