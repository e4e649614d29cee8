/** Executes the steps of a lane: without a repository and its credentials, from files to files. */
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import { isTooLate, unitMove } from "#runner/core/lane/lane-unit.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { missingSecret } from "#runner/core/secret-grant.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import type { Told } from "#runner/runtimes/lane-result.ts";
import type { Engine } from "./engine.ts";
import { hasResult, isBegun, noteBeginning, readBlob, readInvocation } from "./lane-folder.ts";
import type { LanePlanFile, PlannedUnit } from "#runner/core/lane/lane-plan.ts";
import { type PackedInvocation, unpack } from "./packed-invocation.ts";
import { needsPermit } from "./permit.ts";
import { NEVER } from "./unless-stopped.ts";

/** What a lane acts with; wire.ts builds it. */
export interface LaneTools {
  readonly execute: Engine["execute"];
  /** Writes what came of a step. */
  readonly tell: (folder: string, told: Told) => void;
  readonly clock: () => string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface LaneWork {
  /** Folder of the plan. */
  readonly folder: string;
  readonly file: LanePlanFile;
  /** Units; places are worked on beside each other, each in order. */
  readonly places: readonly (readonly string[])[];
  /** Folder for results. */
  readonly out: string;
  readonly signal: AbortSignal;
  readonly onEnd: (unit: PlannedUnit, result: Pick<Result, "outcome" | "reason">) => void;
  /** It reaches the outside world or spends, is not begun (again), and there is no result that could tell of it. */
  readonly onLeft: (unit: PlannedUnit) => void;
}

/** How many units have a result now; what was there before is not done again. */
export async function executeLane(tools: LaneTools, work: LaneWork): Promise<number> {
  const done = await Promise.all(work.places.map((place) => inOrder(tools, work, place)));
  return done.reduce((sum, count) => sum + count, 0);
}

async function inOrder(
  tools: LaneTools,
  work: LaneWork,
  place: readonly string[],
): Promise<number> {
  let done = 0;
  for (const name of place) {
    const unit = work.file.plan.units.find((candidate) => candidate.unit === name);
    if (unit !== undefined && (await executeUnit(tools, work, unit))) done += 1;
  }
  return done;
}

/** False where there is no result: it was stopped, or what it was given is not what was planned, or nobody knows what came of it. */
async function executeUnit(
  tools: LaneTools,
  work: LaneWork,
  planned: PlannedUnit,
): Promise<boolean> {
  const { folder, out, signal, file } = work;
  const { unit, start } = planned;
  const own = { plan: file.id, unit };
  const known = { isTold: hasResult(out, own), isBegun: isBegun(folder, own) };
  const move = unitMove(needsPermit(start), known);
  if (move !== "do") return move === "told" || left(work, planned);
  const packed = readInvocation(folder, planned);
  if (packed === undefined || signal.aborted) return false;
  return executePacked(tools, work, { planned, packed });
}

interface Unit {
  readonly planned: PlannedUnit;
  readonly packed: PackedInvocation;
}

async function executePacked(
  tools: LaneTools,
  work: LaneWork,
  { planned, packed }: Unit,
): Promise<boolean> {
  const { folder, out, signal, file } = work;
  const { unit, invocation: digest, start } = planned;
  const { environment } = tools;
  const startedAt = tools.clock();
  const invocation = unpack(packed, { read: (name) => readBlob(folder, name), environment });
  const refusal = tooLate(file, planned, startedAt) ?? withoutSecret(packed, invocation);
  // Who says that nothing was begun holds the note, too: nobody begins it after that.
  const isNoted = !needsPermit(start) || (await noteBeginning(folder, { plan: file.id, unit }));
  if (!isNoted) return left(work, planned);
  let checkpoints: Checkpoints = new Map();
  const hearing = { save: (saved: Checkpoints) => (checkpoints = saved), hold: () => undefined };
  // What reaches the outside world is not cut off half-way: it ends by itself, or at its wall clock.
  const until = start.effect === null ? signal : NEVER;
  const result = refusal ?? (await tools.execute(invocation, until, hearing));
  // Cut off, it leaves nothing: what counts is what came to its end.
  if (signal.aborted && result.outcome === "cancelled") return false;
  const of = { plan: file.id, unit, invocation: digest, startedAt, finishedAt: tools.clock() };
  tools.tell(out, { ...of, result, checkpoints });
  work.onEnd(planned, result);
  return true;
}

/** To settle it is as if its lane had never told of it. */
function left({ onLeft }: LaneWork, planned: PlannedUnit): false {
  onLeft(planned);
  return false;
}

function tooLate({ plan }: LanePlanFile, unit: PlannedUnit, now: string): Result | undefined {
  if (!isTooLate(plan, unit, now)) return undefined;
  return notStarted("crashed", `its lane began too late: others may do it from ${plan.expires} on`);
}

function withoutSecret(
  { secretSources: secrets }: PackedInvocation,
  { agent, models, secrets: held }: Invocation,
): Result | undefined {
  const missing = missingSecret(agent, { secrets: { ...secrets }, models: { ...models } }, held);
  return missing === undefined ? undefined : notStarted("auth", missing);
}

const NOTHING = { outputs: null, files: [], memory: [], rationale: "", rung: "none", log: "" };

function notStarted(outcome: Outcome, reason: string): Result {
  return { ...NOTHING, outcome, reason, ms: 0, started: false };
}
