import { isKilled, type GitPlace } from "./git.ts";
import { GitProcess } from "./git-process.ts";
import { moveRefs, type RefMove } from "./ref-files.ts";
import { readRef } from "./refs.ts";
import { Serial } from "./serial.ts";
import { gitError } from "./broken-world.ts";

/** One step of a transaction: `from: null` creates the ref, `to: null` deletes it. */
export interface RefUpdate {
  readonly ref: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Content goes with it: `to` does not descend from `from`. Moves after the state that says what is gone. */
  readonly isTaking?: true;
}

/**
 * What became of a transaction. `moved`: a ref was not where it was expected (`actual: null` means absent).
 * `locked`: another process holds the lock file of a ref, or left it behind.
 */
export type RefOutcome =
  | { readonly kind: "ok" }
  | { readonly kind: "moved"; readonly ref: string; readonly actual: string | null | undefined }
  | { readonly kind: "locked"; readonly ref: string; readonly detail: string };

/** git checks each new commit and keeps the packs it read mapped, joined and deleted ones too: start afresh at times. */
const TRANSACTIONS_PER_PROCESS = 256;
const WRITTEN = Promise.resolve();
const SAFE_REF = /^refs\/[\w./+-]+$/;

/**
 * Compare-and-swap of several refs at once: of existing ones directly, of others through `git update-ref --stdin`.
 *
 * Refs are renamed into place in the order given, so the last one is the commit point after a crash.
 */
export class RefTransactions {
  readonly #place: GitPlace;
  #process: GitProcess | undefined;
  readonly #serial = new Serial();
  #transactions = 0;

  constructor(place: GitPlace) {
    this.#place = place;
  }

  /** Moves all of the refs or none of them, once the objects that they name are `written`. */
  run(updates: readonly RefUpdate[], written: Promise<unknown> = WRITTEN): Promise<RefOutcome> {
    // Awaited later: until then a failure must not count as unheard.
    written.catch(() => undefined);
    return this.#serial.run(() => this.#run(updates, written));
  }

  async close(): Promise<void> {
    await this.#serial.idle();
    await this.#process?.close();
    this.#process = undefined;
  }

  async #run(updates: readonly RefUpdate[], written: Promise<unknown>): Promise<RefOutcome> {
    if (updates.length === 0) return { kind: "ok" };
    const moves = updates.filter(isMove);
    if (moves.length === updates.length) {
      const outcome = await moveRefs(this.#place.gitDir, moves, written);
      if (outcome.kind === "moved-all") return { kind: "ok" };
      if (outcome.kind === "found") return { ...outcome, kind: "moved" };
    }
    await written;
    return this.#runInGit(updates);
  }

  /** A git that runs for long may have read the packed refs before another git wrote them: it is asked once more. */
  async #runInGit(updates: readonly RefUpdate[]): Promise<RefOutcome> {
    const outcome = await this.#askUnlessDone(updates);
    if (outcome.kind !== "moved") return outcome;
    const expected = updates.find(({ ref }) => ref === outcome.ref);
    const isThere = expected?.from === (readRef(this.#place.gitDir, outcome.ref) ?? null);
    return isThere ? this.#askGit(updates.map(commandLine)) : outcome;
  }

  /** A git that somebody killed in the middle is asked again for what it had not done yet: it moves one ref after the other. */
  async #askUnlessDone(updates: readonly RefUpdate[]): Promise<RefOutcome> {
    try {
      return await this.#askGit(updates.map(commandLine));
    } catch (error) {
      if (!isKilled(error)) throw error;
      const left = updates.filter(
        ({ ref, to }) => (readRef(this.#place.gitDir, ref) ?? null) !== to,
      );
      return left.length === 0 ? { kind: "ok" } : this.#askGit(left.map(commandLine));
    }
  }

  async #askGit(lines: readonly string[]): Promise<RefOutcome> {
    const running = await this.#running();
    running.write(`start\n${lines.join("")}prepare\ncommit\n`);
    try {
      await expectAnswers(running, ["start: ok", "prepare: ok", "commit: ok"]);
      return { kind: "ok" };
    } catch (error) {
      await running.close();
      this.#process = undefined;
      if (running.wasCutOff) throw error;
      return refusal(running.stderr, error);
    }
  }

  async #running(): Promise<GitProcess> {
    if (this.#transactions >= TRANSACTIONS_PER_PROCESS) {
      await this.#process?.close();
      this.#transactions = 0;
    }
    this.#transactions += 1;
    // A process that died while it was idle has lost nothing: it is started anew.
    if (this.#process === undefined || this.#process.hasEnded) {
      this.#process = new GitProcess(this.#place, ["update-ref", "-m", "fettle", "--stdin"]);
    }
    return this.#process;
  }
}

/** Several moves of one ref as one: from where the first began to where the last ended. */
export function joinedMoves(updates: readonly RefUpdate[]): readonly RefUpdate[] {
  const byRef = new Map<string, RefUpdate>();
  for (const update of updates) {
    const from = byRef.get(update.ref)?.from ?? update.from;
    byRef.set(update.ref, { ...update, from });
  }
  return [...byRef.values()];
}

function isMove(update: RefUpdate): update is RefMove {
  return update.from !== null && update.to !== null;
}

async function expectAnswers(running: GitProcess, expected: readonly string[]): Promise<void> {
  const answers = await Promise.all(expected.map(() => running.readLine()));
  if (answers.join() !== expected.join()) {
    throw new Error(`git update-ref answered ${answers.join(", ")}`);
  }
}

function commandLine(update: RefUpdate): string {
  const { ref, from, to } = update;
  if (!SAFE_REF.test(ref)) throw new Error(`"${ref}" is not a ref that fettle writes`);
  if (to === null && from === null) return `verify ${ref}\n`;
  if (from === null) return `create ${ref} ${to}\n`;
  if (to === null) return `delete ${ref} ${from}\n`;
  return `update ${ref} ${to} ${from}\n`;
}

function refusal(stderr: string, cause: unknown): RefOutcome {
  const ref = /cannot lock ref '([^']+)'/.exec(stderr)?.[1] ?? "";
  const actual = /is at ([0-9a-f]+) but expected/.exec(stderr)?.[1];
  if (actual !== undefined) return { kind: "moved", ref, actual };
  if (stderr.includes("unable to resolve reference")) return { kind: "moved", ref, actual: null };
  if (stderr.includes("reference already exists")) return { kind: "moved", ref, actual: undefined };
  if (/\.lock': File exists/.test(stderr)) return { kind: "locked", ref, detail: stderr.trim() };
  const message = `git update-ref failed: ${stderr.trim()}`;
  throw gitError({ message, stderr, command: "git update-ref", cause });
}
