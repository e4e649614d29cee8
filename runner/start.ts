/**
 * Where the shipped program starts: answers what needs next to nothing, and loads the rest for everything else.
 *
 * What is imported here is read at every start, so nothing may lead to a parser, a validator or a runtime.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { exitCodes } from "./core/exit-code.ts";
import { fingerprintOf, restedTick } from "./loop/no-op.ts";
import { Cache } from "./repo/cache.ts";
import { openRepository } from "./repo/repository.ts";
import { restedAnswer } from "./verbs/rested.ts";
import type { Answer } from "./verbs/verb.ts";
import { VERSION } from "./version.ts";
import { clockOf, lookOf, surroundings } from "./wire.ts";

const OPTIONS = {
  dir: { type: "string", short: "C", default: "." },
  json: { type: "boolean", default: false },
  verbose: { type: "boolean", short: "v", default: false },
  quiet: { type: "boolean", short: "q", default: false },
  "no-color": { type: "boolean", default: false },
  "detailed-exitcode": { type: "boolean", default: false },
  version: { type: "boolean", short: "V", default: false },
} as const;

type Flags = ReturnType<typeof readFlags>["values"];

function readFlags(args: string[]) {
  return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
}

/** The answer, when it takes no more than reading a few small files. */
async function quickAnswer(args: string[]): Promise<Answer | undefined> {
  let flags: ReturnType<typeof readFlags>;
  try {
    flags = readFlags(args);
  } catch {
    // A command line that only the whole program understands, or refuses.
    return undefined;
  }
  const { values, positionals } = flags;
  if (values.version)
    return positionals.length === 0 ? { exit: "ok", text: `${VERSION}\n` } : undefined;
  return positionals.join(" ") === "reconcile" ? answerOfReconcile(values) : undefined;
}

async function answerOfReconcile(flags: Flags): Promise<Answer | undefined> {
  const around = surroundings();
  const start = resolve(flags.dir);
  const opened = await openRepository({ start, environment: around.environment });
  if (opened.kind !== "opened") return undefined;
  const { repository } = opened;
  // Whether an origin has news only the origin can tell.
  if (repository.origin !== null) return undefined;
  const now = clockOf(around)();
  const cache = new Cache(join(repository.fettleDir, "cache"));
  const tick = await restedTick(cache, fingerprintOf(repository), now);
  if (tick === undefined) return undefined;
  const { isTerminal } = around;
  const seen = lookOf(around, { verbose: flags.verbose, now, isTerminal });
  const look = flags["no-color"] ? { ...seen, color: false } : seen;
  const answer = restedAnswer(tick, look, flags["detailed-exitcode"]);
  return flags.json ? { ...answer, text: `${JSON.stringify(answer.json)}\n` } : answer;
}

const answer = await quickAnswer(process.argv.slice(2));
if (answer === undefined) {
  await import("./cli.ts");
} else {
  process.stdout.write(answer.text ?? "");
  process.exitCode = exitCodes[answer.exit].code;
}
