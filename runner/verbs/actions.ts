/** `fettle actions`: the phases of a tick that is spread over jobs, with their outputs and summaries. */
import { appendFileSync } from "node:fs";
import { lanesTable, outputText, quietText, summaryText } from "#runner/report/actions-text.ts";
import { matrixOf } from "#runner/core/lane/lane-plan.ts";
import { costsVerb } from "./costs.ts";
import { planLanes, type PlanLanesOptions } from "./plan-lanes.ts";
import { settleLanes } from "./settle.ts";
import { timelineVerb } from "./timeline.ts";
import { validateVerb } from "./validate.ts";
import type { Answer, VerbContext } from "./verb.ts";

/** So many runs are told step by step. */
const RUNS_TOLD = 5;

/** Ends well where something was handed over: the jobs that execute it must begin. */
export async function actionsPlanVerb(
  context: VerbContext,
  options: PlanLanesOptions,
): Promise<Answer> {
  const annotations = await annotationsOf(context);
  const { answer, handed } = await planLanes(context, { ...options, isBilled: true });
  const lanes = handed?.plan.lanes ?? [];
  writeOutputs(context, {
    count: String(lanes.length),
    matrix: JSON.stringify(handed === null ? { include: [] } : matrixOf(handed)),
    plan: handed?.id ?? "",
    commit: handed?.plan.commit ?? "",
  });
  const parts = [{ title: "Plan", text: textOf(answer) }, await costsPart(context)];
  const table = lanes.length === 0 ? "" : `${lanesTable(lanes)}\n`;
  writeSummary(context, `${table}${summaryText(parts)}`);
  const told = quiet(answer, annotations);
  return handed === null ? told : { ...told, exit: "ok" };
}

/** `again`: more is ready now, for another wave. */
export async function actionsSettleVerb(
  context: VerbContext,
  { results, plan }: { readonly results: string; readonly plan: string },
): Promise<Answer> {
  const { answer, runs, ready, wait } = await settleLanes(context, {
    results,
    plan,
    isPartial: false,
    isBilled: true,
  });
  // Another wave that opens no lane would be paid for all the same.
  writeOutputs(context, { again: String(ready > 0 && wait === null) });
  const timelines = await Promise.all(
    runs.slice(0, RUNS_TOLD).map(async (run) => {
      return { title: run, text: textOf(await timelineVerb(plainly(context), run)) };
    }),
  );
  const parts = [{ title: "Settled", text: textOf(answer) }, ...timelines];
  writeSummary(context, summaryText([...parts, await costsPart(context)]));
  return quiet(answer, "");
}

/** Of the files on disk: GitHub shows each at its line. */
export async function annotationsOf(context: VerbContext): Promise<string> {
  return (await validateVerb(context, { format: "annotations", files: [] })).text ?? "";
}

async function costsPart(
  context: VerbContext,
): Promise<{ readonly title: string; readonly text: string }> {
  const costs = await costsVerb(plainly(context), { by: "project", days: 30, csv: false });
  return { title: "Costs", text: textOf(costs) };
}

function plainly(context: VerbContext): VerbContext {
  return { ...context, look: { ...context.look, color: false } };
}

function textOf({ text = "", problem }: Answer): string {
  return problem === undefined ? text : `${problem}\n${text}`;
}

/** What is said of names, reasons and answers of models is no command to the runner of the job. */
export function quiet(answer: Answer, commands: string): Answer {
  const { problem: _, ...rest } = answer;
  return { ...rest, text: `${commands}${quietText(textOf(answer), crypto.randomUUID())}` };
}

export function writeOutputs(
  { environment }: VerbContext,
  values: Readonly<Record<string, string>>,
): void {
  append(environment["GITHUB_OUTPUT"], outputText(values, crypto.randomUUID()));
}

export function writeSummary({ environment }: VerbContext, text: string): void {
  append(environment["GITHUB_STEP_SUMMARY"], text);
}

/** Outside of a job there is no such file. */
function append(file: string | undefined, text: string): void {
  if (file !== undefined && file !== "") appendFileSync(file, text);
}
