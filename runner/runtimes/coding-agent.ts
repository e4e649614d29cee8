/** The `codingAgent` rung: a program that asks a model by itself, in a folder of its own, until its work is done. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { digestOfBytes } from "#runner/core/canonical-json.ts";
import type { CodingAgentName } from "#runner/core/coding-agent.ts";
import { redactSecrets } from "#runner/core/secret-scan.ts";
import type { CodingAgentRung } from "#runner/schema/types.gen.ts";
import { type AttemptFolder, makeAttemptFolder, removeAttemptFolder } from "./attempt-folder.ts";
import { CLAUDE } from "./claude-cli.ts";
import { CODEX } from "./codex-cli.ts";
import { answerIn } from "./coding-agent-answer.ts";
import type { CodingAgentCli, CodingAgentReport, LaunchOrder } from "./coding-agent-cli.ts";
import { codingAgentPrompt } from "./coding-agent-prompt.ts";
import { layOut, sessionIn, type KeptSession, SessionKeeper } from "./coding-agent-session.ts";
import type { CommandSite } from "./command.ts";
import { environmentOf, findProgram, searchPath } from "./program-environment.ts";
import { GEMINI } from "./gemini-cli.ts";
import { jsonLines } from "./json-lines.ts";
import { type ModelWay, wayTo } from "./model-way.ts";
import { OPENCODE } from "./opencode-cli.ts";
import { probeProcessCage } from "./process-cage.ts";
import { type ProgramEnd, runProgram } from "./program.ts";
import {
  crashReason,
  filesMade,
  logOf,
  neverBegun,
  outputBytes,
  whyStopped,
} from "./program-verdict.ts";
import { RefusalWatch } from "./refusal-watch.ts";
import { failed, type RungCall, type RungResult, succeeded } from "./rung-result.ts";
import { isSelfContained } from "./strict-schema.ts";

const CLIS: Readonly<Record<CodingAgentName, CodingAgentCli>> = {
  claude: CLAUDE,
  codex: CODEX,
  gemini: GEMINI,
  opencode: OPENCODE,
};

/** All that it reports on standard output, which is more than an answer. */
const STDOUT_BYTES = 64 * 1024 * 1024;

type OpenWay = Extract<ModelWay, { ok: true }>;

interface Attempt {
  readonly rung: CodingAgentRung;
  readonly call: RungCall;
  readonly way: OpenWay;
  readonly folder: AttemptFolder;
  readonly prompt: string;
  readonly kept: KeptSession | undefined;
}

/**
 * Starts the agent without a terminal and without a key, and takes what it has made: its files as they lie there, its
 * last message as outputs. What it reports of itself can spoil the result, never make it.
 */
export async function runCodingAgent(
  rung: CodingAgentRung,
  call: RungCall,
  site: CommandSite,
): Promise<RungResult> {
  const { invocation } = call;
  const cli = CLIS[rung.codingAgent];
  const path = searchPath(site.programPath);
  const program = findProgram(cli.program, path, "/");
  if (program === undefined) {
    return failed("missing-tool", `${cli.program} is not installed (no such program in PATH)`);
  }
  const way = await wayTo(rung.model, call);
  if (!way.ok) return failed(way.outcome, way.reason);
  const kept =
    cli.sessions === null ? undefined : sessionIn(invocation.checkpoints, rung.codingAgent);
  const prompt = codingAgentPrompt(rung, invocation, kept !== undefined);
  if (!prompt.ok) return failed("schema-invalid", prompt.reason);
  const folder = makeAttemptFolder(site.workRoot, invocation.files);
  try {
    const attempt = { rung, call, way, folder, prompt: prompt.text, kept };
    const cage = site.cage ?? (await probeProcessCage(site.programPath));
    return await work(cli, attempt, { program, path, cage });
  } finally {
    await removeAttemptFolder(folder);
  }
}

interface Start {
  readonly program: string;
  readonly path: string;
  readonly cage: NonNullable<CommandSite["cage"]>;
}

async function work(cli: CodingAgentCli, attempt: Attempt, start: Start): Promise<RungResult> {
  const { call, way, folder } = attempt;
  const { invocation } = call;
  const { args, env, files } = cli.launch(orderOf(cli, attempt));
  for (const [name, text] of Object.entries(files)) lay(join(folder.home, name), text);
  const declared = invocation.agent.manifest.secrets ?? [];
  const watch = new RefusalWatch(way.door);
  const keeper = keeperOf(cli, attempt);
  const end = await runProgram(
    {
      argv: [start.program, ...args],
      cwd: folder.work,
      env: { ...environmentOf(invocation, declared, { folder, path: start.path }), ...env },
      stdin: attempt.prompt,
      cage: start.cage,
      wallMs: call.remainingMs(),
      stdoutBytes: STDOUT_BYTES,
    },
    AbortSignal.any([call.signal, watch.signal]),
  ).finally(() => {
    watch.stop();
    keeper?.stop();
  });
  if (end.notStarted !== undefined) return neverBegun(end.notStarted);
  const report = cli.report(jsonLines(end.stdout.toString()));
  const result = verdictOn(attempt, { end, report, watch });
  return remembered(attempt, keeper, { result, report });
}

function lay(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
}

function orderOf({ sessions }: CodingAgentCli, attempt: Attempt): LaunchOrder {
  const { rung, call, way, folder, kept } = attempt;
  const { agent, grant } = call.invocation;
  const { outputs } = agent.manifest;
  const isLaidOut = kept !== undefined && sessions !== null;
  return {
    home: folder.home,
    baseUrl: way.baseUrl,
    key: way.door.token,
    model: way.settings.model,
    permissions: rung.permissions ?? "read-only",
    schema: isSelfContained(outputs) ? outputs : null,
    maxUsd: ownCapUsd(attempt),
    maxTurns: agent.manifest.limits.turns ?? grant?.requests ?? null,
    session: isLaidOut ? layOut(kept, sessions, folder) : null,
  };
}

/** Its own prices may be wrong, and a session counts from its beginning: the gateway is meant to end it first. */
function ownCapUsd({ call, way, kept }: Attempt): number | null {
  const { price } = way.settings;
  if (price === "zero" || price === "subscription") return null;
  return (2 * (call.invocation.grant?.micros ?? 0)) / 1_000_000 + (kept?.reportedUsd ?? 0);
}

function keeperOf({ sessions }: CodingAgentCli, attempt: Attempt): SessionKeeper | undefined {
  if (sessions === null) return undefined;
  const { rung, call, folder } = attempt;
  const { secrets, checkpoints = new Map<string, unknown>() } = call.invocation;
  return new SessionKeeper({
    agent: rung.codingAgent,
    places: sessions,
    folder,
    secrets,
    saved: checkpoints,
    save: call.save,
    files: () => textsMade(attempt),
  });
}

/** undefined when something was made that may not be, or that is no text. */
function textsMade(attempt: Attempt): Readonly<Record<string, string>> | undefined {
  const made = takenFrom(attempt);
  if (!made.ok) return undefined;
  const texts = made.files.map(({ path, content }) => [path, Buffer.from(content)] as const);
  const isText = texts.every(([, content]) => Buffer.from(content.toString()).equals(content));
  return isText
    ? Object.fromEntries(texts.map(([path, content]) => [path, content.toString()]))
    : undefined;
}

/** One that may only read may write nothing, whatever \`writes\` says. */
function takenFrom({ rung, call, folder }: Attempt): ReturnType<typeof filesMade> {
  const isReadOnly = (rung.permissions ?? "read-only") === "read-only";
  return filesMade(folder, call.invocation, isReadOnly ? [] : call.invocation.writes);
}

interface Ending {
  readonly end: ProgramEnd;
  readonly report: CodingAgentReport;
  readonly watch: RefusalWatch;
}

function verdictOn(attempt: Attempt, ending: Ending): RungResult {
  const { call, way, prompt } = attempt;
  const { invocation, check } = call;
  const { provider, model } = way.settings;
  const facts = {
    log: logOf(ending.end, invocation.secrets),
    started: true,
    model: { provider, model, promptDigest: digestOfBytes(prompt) },
  };
  const broken = whyBroken(attempt, ending);
  if (broken !== undefined) {
    const reason = redactSecrets(broken.reason, invocation.secrets);
    return failed(broken.outcome, reason, { ...facts, ...broken, reason });
  }
  const made = takenFrom(attempt);
  if (!made.ok) return failed("permission-denied", made.reason, facts);
  const mostBytes = outputBytes(invocation);
  if (Buffer.byteLength(ending.report.text) > mostBytes) {
    const reason = `its last message is more than ${mostBytes / 1024} KiB`;
    return failed("schema-invalid", reason, facts);
  }
  const answer = answerIn(ending.report, invocation.agent.manifest, check);
  if (!answer.ok) return failed("schema-invalid", answer.reason, facts);
  return succeeded(answer.outputs, { ...facts, files: made.files });
}

type Broken = Pick<RungResult, "outcome" | "reason" | "retryAfterMs">;

/** The most telling cause comes first: what the runner did, what the door refused, what the agent says itself. */
function whyBroken({ call }: Attempt, { end, report, watch }: Ending): Broken | undefined {
  const isHalted = end.stop === "cancelled" && !call.signal.aborted;
  if (end.stop !== undefined && !isHalted) return whyStopped(end.stop, STDOUT_BYTES);
  const { failure, denials } = report;
  if (!report.isComplete || failure !== undefined || end.failure !== undefined) {
    return watch.refusal() ?? failure ?? crashOf(end, call);
  }
  const [denial] = denials;
  if (denial === undefined) return undefined;
  return { outcome: "permission-denied", reason: `it was not allowed: ${denial}` };
}

function crashOf(end: ProgramEnd, { invocation }: RungCall): Broken {
  const { secrets } = invocation;
  const how = end.failure ?? "it ended without saying that it was done";
  return { outcome: "crashed", reason: crashReason(how, logOf(end, secrets), secrets) };
}

/** Sessions that another attempt would only break off at the same place are not gone on with. */
const STUCK: ReadonlySet<RungResult["outcome"]> = new Set([
  "succeeded",
  "permission-denied",
  "context-overflow",
  "no-progress",
]);

function remembered(
  { kept }: Attempt,
  keeper: SessionKeeper | undefined,
  { result, report }: { readonly result: RungResult; readonly report: CodingAgentReport },
): RungResult {
  if (keeper === undefined || result.outcome === "succeeded") return result;
  if (STUCK.has(result.outcome) || !keeper.isNewerThan(kept)) {
    if (kept !== undefined) keeper.drop();
    return result;
  }
  const problem = keeper.keep(report.reportedUsd ?? kept?.reportedUsd ?? 0);
  if (problem === undefined) return result;
  return { ...result, log: `${result.log}fettle: the session was not kept: ${problem}\n` };
}
