/** Opening a workspace: for reading without a lock, for writing under the runner's lock. */
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine, Progress } from "#runner/loop/engine.ts";
import { completePlan } from "#runner/loop/complete-plan.ts";
import { look, type Look } from "#runner/loop/look.ts";
import { stateAt, type StateFiles } from "#runner/loop/state-files.ts";
import type { Observed, Plan, Workspace } from "#runner/core/model.ts";
import { lockRepository, type Locked } from "#runner/repo/lock.ts";
import { MAIN, STATE } from "#runner/repo/ref-names.ts";
import { recover } from "#runner/repo/recovery.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { NotOpened } from "#runner/repo/repository.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

const LOCK_WAIT_MS = 10_000;
const LOCK_POLL_MS = 50;
const RUNNER = "local";

/** Runs `work` with an open engine and closes it; nothing is locked. */
export async function reading(
  context: VerbContext,
  work: (engine: Engine) => Promise<Answer>,
): Promise<Answer> {
  const opening = await context.open(context.start, () => undefined);
  if (!opening.ok) return opening.refusal;
  try {
    return await work(opening.engine);
  } finally {
    await opening.engine.store.close();
  }
}

/** Runs `work` under the lock, after putting in order what a killed runner left behind. */
export async function writing(
  context: VerbContext,
  onProgress: (event: Progress) => void,
  work: (engine: Engine) => Promise<Answer>,
): Promise<Answer> {
  const opening = await context.open(context.start, onProgress);
  if (!opening.ok) return opening.refusal;
  const { engine } = opening;
  const locked = await lockPatiently(engine);
  if (locked.kind === "held") {
    await engine.store.close();
    const who = locked.by === undefined ? "another process" : `process ${locked.by.pid}`;
    return refused("lost", `another fettle (${who}) is at work here`, "try again when it is done");
  }
  try {
    await recover(engine.repository, RUNNER, { holder: locked.previous });
    rmSync(engine.workRoot, { recursive: true, force: true });
    engine.store.refresh();
    return await work(engine);
  } finally {
    await engine.store.close();
    locked.lock.release();
  }
}

async function lockPatiently({ repository }: Engine): Promise<Locked> {
  const deadline = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    const locked = lockRepository(repository, { pid: process.pid, since: Date.now() });
    if (locked.kind === "locked" || Date.now() > deadline) return locked;
    await sleep(LOCK_POLL_MS);
  }
}

/** Why a folder could not be opened, and what to do. */
export function notOpened(reason: NotOpened, program: string): Answer {
  switch (reason.kind) {
    case "not-a-repository":
      return refused(
        "usage",
        `${reason.start} is not in a git repository`,
        `${program} init ${reason.start}   makes a workspace there`,
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
    case "old-git":
      return refused(
        "usage",
        `git ${reason.found} is too old`,
        `install git ${reason.needed} or newer`,
      );
  }
}

/** Desired state, observed state and plan of this moment, or of `--at`. */
export interface Seen {
  readonly seen: Look;
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly plan: Plan;
  readonly files: StateFiles;
}

export type Sighted =
  | { readonly ok: true; readonly sight: Seen }
  | { readonly ok: false; readonly refusal: Answer };

export async function sight(context: VerbContext, engine: Engine): Promise<Sighted> {
  const { repository, manifests } = engine;
  const past =
    context.at === null ? null : await engine.store.reader.resolve(`${context.at}^{commit}`);
  if (past === undefined) {
    const hint = `git log ${STATE.slice("refs/heads/".length)}   lists what there is`;
    return { ok: false, refusal: refused("usage", `${context.at ?? ""} is not a commit`, hint) };
  }
  const files = past === null ? engine.store : stateAt(engine.store.reader, past.oid);
  const seen = await look({ repository, store: files, manifests });
  if (seen.workspace === null)
    return { ok: false, refusal: withoutWorkspace(engine, context, seen) };
  const complete = await completePlan(
    files,
    { workspace: seen.workspace, observed: seen.observed },
    context.look.now,
  );
  return { ok: true, sight: { seen, ...complete, files } };
}

function withoutWorkspace(engine: Engine, context: VerbContext, seen: Look): Answer {
  if (!readRefs(engine.repository).has(MAIN)) {
    return refused("usage", "there is no branch main", "git branch -m main");
  }
  const [error] = seen.violations.filter(({ severity }) => severity === "error");
  if (error !== undefined) {
    const where = `${error.file}:${error.line}:${error.col}`;
    return refused("invalid", `${where} ${error.message}`, `${context.program} validate`);
  }
  return refused(
    "usage",
    "there is no fettle.yaml on main",
    `${context.program} init .   makes a workspace here; what counts is what is committed on main`,
  );
}
