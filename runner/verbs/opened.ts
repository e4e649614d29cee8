/** Opening a workspace: for reading without a lock, for writing under the runner's lock. */
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProgressEvent } from "#runner/core/progress-event.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { follow, publishHeldBack } from "#runner/loop/follow-authority.ts";
import { completePlan } from "#runner/loop/complete-plan.ts";
import { look, type Seen } from "#runner/loop/look.ts";
import { conflictWords, stateConflict, type StateConflict } from "#runner/loop/state-standing.ts";
import { behindHold, CONFLICT_HINT } from "#runner/loop/tick-end.ts";
import { steadyClock } from "#runner/loop/steady-clock.ts";
import { stateAt, type StateFiles } from "#runner/loop/state-files.ts";
import type { Hold, Plan } from "#runner/core/action.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import { FORMAT_PATH } from "#runner/core/state-path.ts";
import { lockRepository, type Locked, type TakenLock } from "#runner/repo/lock.ts";
import { branchName, MAIN, STATE } from "#runner/core/ref-names.ts";
import { recoverUnder } from "#runner/repo/recovery.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { NotOpened } from "#runner/repo/repository.ts";
import type { Violation } from "#runner/schema/violation.ts";
import { inWordsOf } from "./program-words.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

const LOCK_WAIT_MS = 10_000;
const LOCK_POLL_MS = 50;
const LOCK_NOTICE_MS = 1000;
const ORIGIN_WAIT_MS = 10_000;

/** Runs `work` with an open engine and closes it; nothing is locked. */
export async function reading(
  context: VerbContext,
  work: (engine: Engine) => Promise<Answer>,
  { allowBare }: { readonly allowBare: boolean } = { allowBare: false },
): Promise<Answer> {
  const opening = await context.open(context.start, { onProgress: () => undefined, allowBare });
  if (!opening.ok) return opening.refusal;
  try {
    return await work(opening.engine);
  } finally {
    await opening.engine.store.close();
  }
}

/** Runs `work` under the lock, after putting in order what a killed runner left; `behind`: the operator's files could not follow. */
export function writing(
  context: VerbContext,
  onProgress: (event: ProgressEvent) => void,
  work: (engine: Engine, behind: Hold | null) => Promise<Answer>,
): Promise<Answer> {
  const inOrder = async (engine: Engine, taken: TakenLock): Promise<Answer> => {
    const { delivery } = await recoverUnder(taken, engine.repository);
    const behind = delivery.kind === "behind" ? behindHold(delivery) : null;
    if (behind !== null)
      context.notice(inWordsOf(context.program, `${behind.why}\n  ${behind.unblock}`));
    rmSync(engine.workRoot, { recursive: true, force: true });
    engine.store.refresh();
    await publishHeldBack(engine, context.signal);
    const clock = await steadyClock(engine.clock, engine.store);
    return work({ ...engine, clock }, behind);
  };
  return locking(context, inOrder, onProgress);
}

/** What Ctrl-C before the first look is answered. */
export const STOPPED_EARLY = refused(
  "interrupted",
  "stopped before anything was done",
  "start it again",
);

/** Runs `work` under the lock with all as it was found. */
export async function locking(
  context: VerbContext,
  work: (engine: Engine, taken: TakenLock) => Promise<Answer>,
  onProgress: (event: ProgressEvent) => void = () => undefined,
): Promise<Answer> {
  const opening = await context.open(context.start, { onProgress });
  if (!opening.ok) return opening.refusal;
  const { engine } = opening;
  const locked = await lockPatiently(context, engine);
  if (locked.kind === "held") {
    await engine.store.close();
    if (context.signal.aborted) return STOPPED_EARLY;
    return refused("lost", isAtWork(locked), "try again when it is done");
  }
  try {
    return await work(engine, locked);
  } finally {
    await engine.store.close();
    locked.lock.release();
  }
}

async function lockPatiently(context: VerbContext, { repository }: Engine): Promise<Locked> {
  const began = Date.now();
  let told = false;
  for (;;) {
    const locked = lockRepository(repository, { pid: process.pid, since: Date.now() });
    const waited = Date.now() - began;
    if (locked.kind === "locked" || waited > LOCK_WAIT_MS || context.signal.aborted) return locked;
    if (!told && waited > LOCK_NOTICE_MS) {
      context.notice(`${isAtWork(locked)}: waiting for it`);
      told = true;
    }
    await sleep(LOCK_POLL_MS);
  }
}

function isAtWork({ by }: Extract<Locked, { kind: "held" }>): string {
  const who = by === undefined ? "another process" : `process ${by.pid}`;
  return `another fettle (${who}) is at work here`;
}

/** Why a folder could not be opened, and what to do. */
export function notOpened(reason: NotOpened): Answer {
  switch (reason.kind) {
    case "not-a-repository":
      return refused(
        "usage",
        `${reason.start} is not in a git repository`,
        "fettle init .   makes a workspace there",
      );
    case "no-commits":
      return refused(
        "usage",
        `${reason.start} has no commits yet`,
        'git add -A && git commit -m "Start"',
      );
    case "bare":
      return refused(
        "usage",
        `${reason.gitDir} is a bare repository`,
        "run fettle in a clone of it",
      );
    case "reftable":
      return refused(
        "usage",
        `${reason.gitDir} keeps its refs in a reftable, which fettle cannot read yet`,
        "git refs migrate --ref-format=files",
      );
    case "no-git":
      return refused("usage", "git is not installed", "apt-get install git");
    case "odd-git":
      return refused(
        "usage",
        `the git in PATH says "${reason.says}" where git says its version`,
        "command -v git   shows it: put git itself before it in PATH",
      );
    case "old-git":
      return refused(
        "usage",
        `git ${reason.found} is too old`,
        `install git ${reason.needed} or newer`,
      );
  }
}

/** Desired state, observed state and plan of this moment, or of `--at`. */
export interface Sight {
  readonly seen: Seen;
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly plan: Plan;
  readonly files: StateFiles;
}

export type Sighted =
  | { readonly ok: true; readonly sight: Sight }
  | { readonly ok: false; readonly refusal: Answer };

/** What the origin has that this clone has not; without an answer in time, what is here is shown. */
async function news(engine: Engine, signal: AbortSignal): Promise<StateConflict | null> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ORIGIN_WAIT_MS)]);
    const followed = await follow(engine, patience);
    if (followed.kind === "conflict") return followed.conflict;
    return followed.kind === "followed" ? null : await stateConflict(engine, null);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return null;
  }
}

/** The state that counts lacks what was recorded before: nothing may be built on it. */
export function conflictAnswer(what: string): Answer {
  return refused("refused", what, CONFLICT_HINT);
}

/** What is seen is shown with a word on what the state lacks; nobody acts on such a state (`toAct`). */
export async function sight(
  context: VerbContext,
  engine: Engine,
  { toAct }: { readonly toAct: boolean } = { toAct: false },
): Promise<Sighted> {
  const { repository, manifests } = engine;
  const conflict = context.at === null ? await news(engine, context.signal) : null;
  if (conflict !== null) {
    const words = conflictWords(conflict, repository);
    if (toAct) return { ok: false, refusal: conflictAnswer(words) };
    context.notice(inWordsOf(context.program, `${words}\n  ${CONFLICT_HINT}`));
  }
  const files = context.at === null ? engine.store : await pastFiles(engine, context.at);
  if (files === undefined) return { ok: false, refusal: notPast(context.at ?? "") };
  const seen = await look({ repository, store: files, manifests });
  if (seen.workspace === null)
    return { ok: false, refusal: withoutWorkspace(engine, seen.violations) };
  const complete = await completePlan(
    files,
    { workspace: seen.workspace, observed: seen.observed },
    context.look.now,
  );
  return { ok: true, sight: { seen, ...complete, files } };
}

/** The state at a revision; undefined when that is no commit of the state branch. */
async function pastFiles({ store }: Engine, at: string): Promise<StateFiles | undefined> {
  const commit = await store.reader.resolve(`${at}^{commit}`);
  if (commit === undefined) return undefined;
  const files = stateAt(store.reader, commit.oid);
  return (await files.readText(FORMAT_PATH)) === undefined ? undefined : files;
}

function notPast(at: string): Answer {
  const branch = branchName(STATE);
  const hint = `git log ${branch}   lists what there is`;
  return refused("usage", `${at} is not a commit of ${branch}`, hint);
}

/** Why there is nothing to work on, and what to do. */
export function withoutWorkspace({ repository }: Engine, violations: readonly Violation[]): Answer {
  if (!readRefs(repository).has(MAIN)) {
    return refused("usage", "there is no branch main", "git branch -m main");
  }
  const [error] = violations.filter(({ severity }) => severity === "error");
  if (error === undefined || error.code === "path/workspace") {
    const hint = "fettle init .   makes one; what counts is what is committed on main";
    return refused("invalid", "there is no fettle.yaml on main", hint);
  }
  const where = `${error.file}:${error.line}:${error.col}`;
  return refused("invalid", `${where} ${error.message}`, "fettle validate   shows it all");
}
