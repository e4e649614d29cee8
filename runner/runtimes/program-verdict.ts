/** What to make of the way a program ended, of what it printed and of what it left in its folder. */
import { redactSecrets, redactStart, withoutCutSecret } from "#runner/core/secret-scan.ts";
import type { AttemptFolder } from "./attempt-folder.ts";
import { type CommandReply, parseReply, repliedResult } from "./command-reply.ts";
import { type Harvest, harvest } from "./harvest.ts";
import type { Invocation } from "./invocation.ts";
import { outputKbOf } from "./output-limit.ts";
import type { ProgramEnd } from "./program.ts";
import type { NotStarted } from "./process-start.ts";
import { failed, type RungResult } from "./rung-result.ts";

const DEFAULT_FILES = 50;
export const OUT_OF_TIME = "it did not end in time and was killed";

/** Its answer with what it made, or why there is none. */
export function verdictOn(
  end: ProgramEnd,
  invocation: Invocation,
  folder: AttemptFolder,
): RungResult {
  if (end.notStarted !== undefined) return neverBegun(end.notStarted);
  const { secrets } = invocation;
  const log = logOf(end, secrets);
  const facts = { log, started: true };
  const broken = whyBroken(end, invocation, log);
  if (broken !== undefined) return failed(broken.outcome, broken.reason, facts);
  const text = end.stdout.toString();
  const reply = parseReply(text);
  if (typeof reply === "string") {
    const start =
      text.length === 0
        ? "it is empty"
        : `it begins ${JSON.stringify(redactStart(text, secrets, 200))}`;
    const problem = redactStart(reply, secrets, 100);
    return failed("schema-invalid", `the answer on standard output ${problem}: ${start}`, facts);
  }
  return harvested(reply, invocation, { ...facts, folder });
}

/** Nothing can have happened. That this machine has no room is no failure of the agent: it is parked. */
export function neverBegun({ why, isShort }: NotStarted): RungResult {
  return isShort
    ? failed("rate-limited", `this machine has no room to start it: ${why}`)
    : failed("crashed", `it could not be started: ${why}`);
}

/** Of standard error, with no half of a secret at its start. */
export function logOf({ stderr, isCut }: ProgramEnd, secrets: Invocation["secrets"]): string {
  const said = stderr.toString();
  return isCut ? withoutCutSecret(said, secrets) : said;
}

/** Bytes of standard output that it may print. */
export function outputBytes({ agent }: Invocation): number {
  return outputKbOf(agent.manifest.limits) * 1024;
}

/** The exit code and the signal come from the agent: they can spoil an answer, never make one. */
function whyBroken(end: ProgramEnd, invocation: Invocation, log: string): Broken | undefined {
  if (end.stop !== undefined) return whyStopped(end.stop, outputBytes(invocation));
  if (end.failure === undefined) return undefined;
  return { outcome: "crashed", reason: crashReason(end.failure, log, invocation.secrets) };
}

type Broken = Pick<RungResult, "outcome" | "reason">;

/** What it means that the runner has killed it. */
export function whyStopped(stop: NonNullable<ProgramEnd["stop"]>, stdoutBytes: number): Broken {
  const outputKb = stdoutBytes / 1024;
  const stops = {
    deadline: { outcome: "timeout", reason: OUT_OF_TIME },
    cancelled: { outcome: "cancelled", reason: "it was stopped" },
    "stdout-full": { outcome: "schema-invalid", reason: `it printed more than ${outputKb} KiB` },
    "stderr-full": { outcome: "crashed", reason: "it printed more than 16 MiB of errors" },
  } as const;
  return stops[stop];
}

/** How it ended, and what it said last. */
export function crashReason(failure: string, log: string, secrets: Invocation["secrets"]): string {
  return [failure, lastLine(redactSecrets(log, secrets))].filter(Boolean).join(": ");
}

function lastLine(log: string): string {
  const lines = log.trim().split("\n");
  const error = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
  return error.trim().slice(0, 300);
}

function harvested(
  reply: CommandReply,
  invocation: Invocation,
  {
    folder,
    ...facts
  }: { readonly folder: AttemptFolder; readonly log: string; readonly started: boolean },
): RungResult {
  const made = filesMade(folder, invocation, invocation.writes);
  if (!made.ok) return failed("permission-denied", made.reason, facts);
  return repliedResult(reply, { ...facts, files: made.files });
}

export function mostFilesOf({ manifest }: Invocation["agent"]): number {
  return manifest.limits.files ?? DEFAULT_FILES;
}

/** The files that it left, as far as it may write them; the first that it may not refuses all. */
export function filesMade(
  folder: AttemptFolder,
  { agent, files: seen, secrets }: Invocation,
  writes: readonly string[],
): Harvest {
  const made = harvest(folder.work, { seen, writes, mostFiles: mostFilesOf(agent) });
  if (made.ok) return made;
  return { ok: false, reason: shortened(redactSecrets(made.reason, secrets)) };
}

/** A path may be long; what is wrong with it stands at the end. */
function shortened(reason: string): string {
  return reason.length <= 400 ? reason : `${reason.slice(0, 250)}…${reason.slice(-150)}`;
}
