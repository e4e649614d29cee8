/**
 * Where the shipped program starts: answers what needs next to nothing, and loads the rest for everything else.
 *
 * What is used here is read at every start, so nothing may lead to a parser, a validator or a runtime.
 */
import { enableCompileCache } from "node:module";
import { join, resolve } from "node:path";
import { exitCodes } from "./core/exit-code.ts";
import { fingerprintOf, restedTick } from "./loop/no-op.ts";
import { Cache } from "./repo/cache.ts";
import { isDeliveryUnfinished } from "./repo/delivery.ts";
import { Output } from "./output.ts";
import { KeptCode } from "./kept-code.ts";
import { openRepository, type Repository } from "./repo/repository.ts";
import { restedAnswer } from "./verbs/rested.ts";
import type { Globals } from "./session.ts";
import type * as Tick from "./tick.ts";
import type { Answer } from "./verbs/verb.ts";
import { VERSION } from "./version.ts";
import { clockOf, isTerminal, lookOf, surroundings } from "./wire.ts";

/** A plain call; everything that is written in another way goes to the command line proper. */
interface Call {
  readonly verb: string;
  readonly dir: string;
  readonly switches: ReadonlySet<string>;
}

const SWITCHES: ReadonlyMap<string, string> = new Map([
  ["--json", "json"],
  ["--verbose", "verbose"],
  ["-v", "verbose"],
  ["--quiet", "quiet"],
  ["-q", "quiet"],
  ["--no-color", "no-color"],
  ["--detailed-exitcode", "detailed"],
  ["--watch", "watch"],
]);

function callOf(args: readonly string[]): Call | undefined {
  const switches = new Set<string>();
  const words: string[] = [];
  let dir = ".";
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    const name = SWITCHES.get(arg);
    if (name !== undefined) switches.add(name);
    else if (arg === "-C" || arg === "--dir") dir = args[(at += 1)] ?? "";
    else words.push(arg);
  }
  const [verb = ""] = words;
  return words.length === 1 && dir !== "" ? { verb, dir, switches } : undefined;
}

/** The answer, when it takes no more than reading a few small files. */
async function quickAnswer(): Promise<Answer | undefined> {
  if (call !== undefined && repository !== undefined) return answerOfReconcile(call, repository);
  const asksVersion = call?.verb === "--version" || call?.verb === "-V";
  return asksVersion ? { exit: "ok", text: `${VERSION}\n` } : undefined;
}

async function answerOfReconcile(
  { switches }: Call,
  place: Repository,
): Promise<Answer | undefined> {
  // Who looks on is told of edits that do not count yet, which takes more than that.
  if (switches.has("watch") || isTerminal(1) || !isWhole(place)) return undefined;
  const around = surroundings();
  const now = clockOf(around)();
  const cache = new Cache(join(place.fettleDir, "cache"));
  const tick = await restedTick(cache, fingerprintOf(place), now);
  if (tick === undefined) return undefined;
  const verbose = switches.has("verbose");
  const seen = lookOf(around, { verbose, now, isTerminal: false });
  const look = switches.has("no-color") ? { ...seen, color: false } : seen;
  const answer = restedAnswer(tick, look, switches.has("detailed"));
  return switches.has("json") ? { ...answer, text: `${JSON.stringify(answer.json)}\n` } : answer;
}

async function repositoryAt(dir: string): Promise<Repository | undefined> {
  const { environment } = surroundings();
  const opened = await openRepository({ start: resolve(dir), environment });
  return opened.kind === "opened" ? opened.repository : undefined;
}

/** Whether the refs that stand here tell all: an origin may know more, and a delivery that was cut off must be finished. */
function isWhole(repository: Repository): boolean {
  return repository.origin === null && !isDeliveryUnfinished(repository);
}

/** What every switch says; see the options of the command line. */
function globalsOf({ dir, switches }: Call): Globals {
  return {
    dir,
    json: switches.has("json"),
    verbose: switches.has("verbose"),
    quiet: switches.has("quiet"),
    color: !switches.has("no-color"),
    at: null,
  };
}

const call = callOf(process.argv.slice(2));
// What goes wrong here goes wrong again where it can be told.
const repository =
  call?.verb === "reconcile" ? await repositoryAt(call.dir).catch(() => undefined) : undefined;
const answer = await quickAnswer().catch(() => undefined);
if (answer !== undefined) {
  await new Output(() => undefined).say(1, answer.text ?? "");
  process.exitCode = exitCodes[answer.exit].code;
} else {
  // Compiled code is kept between starts.
  enableCompileCache();
  if (call?.verb === "reconcile") await tickOnly(call);
  else await import("./cli.ts");
}

/** Without the command line around it, whose loading takes longer than most ticks. */
async function tickOnly(asked: Call): Promise<void> {
  const file = join(import.meta.dirname, "tick.cjs");
  const codeFolder = repository && join(repository.fettleDir, "cache", "code");
  const code = new KeptCode(codeFolder);
  const { exports } = code.load<typeof Tick>(file);
  const [begunSeconds] = process.hrtime();
  await exports.tick(globalsOf(asked), {
    watch: asked.switches.has("watch"),
    detailedExitcode: asked.switches.has("detailed"),
  });
  // A tick with work calls what one without does not; what keeping takes is little beside it.
  const [endedSeconds] = process.hrtime();
  if (code.isCold || endedSeconds > begunSeconds + 1) code.keep();
  // At once: to take the process apart piece by piece takes a tenth of a tick. What was said has left: pipes are written to synchronously.
  process.exit();
}
