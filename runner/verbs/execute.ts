/** `fettle execute`: a lane, or one step of it, from files to files. It knows no repository and no ref. */
import { basename, dirname, resolve } from "node:path";
import { executeLane, type LaneWork } from "#runner/loop/execute-lane.ts";
import { readPlan, readPrices } from "#runner/loop/lane-folder.ts";
import type { LanePlanFile, PlannedUnit } from "#runner/core/lane/lane-plan.ts";
import { counted } from "#runner/report/words.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface ExecuteVerbOptions {
  readonly file: string;
  readonly out: string;
  /** Digest that the plan must have; null: any. */
  readonly plan: string | null;
}

/** Ends with 0 also where steps have failed: their results say so. */
export async function executeVerb(
  context: VerbContext,
  { file: given, out, plan }: ExecuteVerbOptions,
): Promise<Answer> {
  const path = resolve(context.start, given);
  const folder = dirname(path);
  const read = readPlan(folder);
  if (!read.ok)
    return refused("usage", read.reason, "fettle plan --lanes --out <folder> makes one");
  const { file } = read;
  if (plan !== null && plan !== file.id) {
    return refused(
      "refused",
      `${folder} holds another plan than ${plan}`,
      "it was changed on its way",
    );
  }
  const places = placesOf(file, basename(path));
  if (places === undefined) {
    const hint = `there are lane-1.json to lane-${file.plan.lanes.length}.json`;
    return refused("usage", `the plan has no ${basename(path)}`, hint);
  }
  const tools = await context.openLane(readPrices(folder));
  const outFolder = resolve(context.start, out);
  const planned = places.flat().length;
  const onEnd: LaneWork["onEnd"] = (unit, { outcome, reason }) => {
    const why = reason === "" ? "" : `: ${reason}`;
    context.notice(`${nameOf(unit)} ${outcome}${why}`);
  };
  const onLeft: LaneWork["onLeft"] = (unit) => context.notice(`${nameOf(unit)} ${leftBy(folder)}`);
  const work = { folder, file, places, out: outFolder, signal: context.signal, onEnd, onLeft };
  const done = await executeLane(tools, work);
  if (context.signal.aborted) {
    const hint = `fettle execute ${given} --out ${out}   goes on with the rest`;
    return refused("interrupted", `${done} of ${planned} steps have a result`, hint);
  }
  const text = `${done} of ${counted(planned, "step")} ${done === 1 ? "has" : "have"} a result in ${out}\n`;
  return { exit: "ok", text, json: { kind: "executed", plan: file.id, planned, done } };
}

function nameOf({ start: { run, step, item } }: PlannedUnit): string {
  return `${run}/${step}${item === null ? "" : `[${item}]`}`;
}

function leftBy(folder: string): string {
  return `is not begun: it was before, or ${folder} cannot be written to; fettle settle books what is known of it`;
}

/** `lane-2.json` names a lane, `u3.json` a step. */
function placesOf(
  { plan }: LanePlanFile,
  name: string,
): readonly (readonly string[])[] | undefined {
  const lane = plan.lanes.find((candidate) => name === `lane-${candidate.lane}.json`);
  if (lane !== undefined) return lane.places;
  const unit = plan.units.find((candidate) => name === `${candidate.unit}.json`);
  return unit === undefined ? undefined : [[unit.unit]];
}
