/** `fettle doctor --repair`: puts right what can be put right without losing anything, and says each thing it did. */
import { branchName, LOCAL_REFS } from "#runner/core/ref-names.ts";
import { putBack, putMainBack, setAside } from "#runner/loop/put-back.ts";
import { stateConflict } from "#runner/loop/state-standing.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { findGitDir } from "#runner/repo/find-git-dir.ts";
import { KilledGits } from "#runner/repo/git.ts";
import { lockRepository, type TakenLock } from "#runner/repo/lock.ts";
import { putAside, refetch, sourcesOf, takeBack } from "#runner/repo/mend-objects.ts";
import { ownFolderOf } from "#runner/repo/own-folder.ts";
import { mendRefs, putAsideEmptyRefs, type MendedRef } from "#runner/repo/mend-refs.ts";
import { recoverUnder, type Recovered } from "#runner/repo/recovery.ts";
import { checkObjects } from "#runner/repo/soundness.ts";
import { readWholeOrigin } from "#runner/repo/whole-origin.ts";
import { counted } from "#runner/report/words.ts";
import { repairClock } from "./clock-check.ts";
import { seeOrigin } from "./origin-check.ts";
import { FROM_ELSEWHERE, isSound } from "./sound-check.ts";

/** Refs that hold nothing keep a repository from being opened: they go first. Nothing while a runner is at work. */
export function repairRefFiles(start: string): readonly string[] {
  const found = findGitDir(start);
  if (found === undefined) return [];
  const { commonDir } = found;
  const where = { commonDir, fettleDir: ownFolderOf(commonDir), killed: new KilledGits() };
  const locked = lockRepository(where, { pid: process.pid, since: Date.now() });
  if (locked.kind === "held") return [];
  try {
    return putAsideEmptyRefs(where).map(asideWords);
  } finally {
    locked.lock.release();
  }
}

interface Repairing {
  readonly taken: TakenLock;
  /** What time a person says that it is; null: nobody has said it. */
  readonly said: string | null;
}

/** Under the runner's lock. What is left is told by the checks that follow. */
export async function repair(
  engine: Engine,
  { taken, said }: Repairing,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const objects = await repairObjects(engine, signal);
  if (!objects.isDone) return objects.words;
  const refs = await repairRefs(engine);
  const recovered = recoveryWords(await recoverUnder(taken, engine.repository));
  engine.store.refresh();
  const state = await repairState(engine, signal);
  engine.store.refresh();
  const clock = await repairClock(engine, said, signal);
  return [...objects.words, ...refs, ...recovered, ...state, ...clock];
}

interface Objects {
  /** false: it is for a person to go on, and everything is as it was. */
  readonly isDone: boolean;
  readonly words: readonly string[];
}

async function repairObjects({ repository }: Engine, signal: AbortSignal): Promise<Objects> {
  const found = await checkObjects(repository, signal);
  if (isSound(found)) return { isDone: true, words: [] };
  const aside = await putAside(repository, found);
  // A damaged file may have hidden others, and what is taken away is missed.
  const missing = await checkObjects(repository, signal);
  let left = new Set(missing.objects);
  for (const url of await sourcesOf(repository)) {
    if (left.size === 0) break;
    await refetch(repository, { url, wanted: [...left] }, signal);
    left = new Set((await checkObjects(repository, signal)).objects);
  }
  if (left.size > 0 && repository.origin !== null) {
    const reading = await readWholeOrigin(repository, signal);
    if (reading.kind === "broken") {
      takeBack(aside);
      return { isDone: false, words: [notHad(left.size, reading.detail)] };
    }
  }
  const back = missing.objects.filter((oid) => !left.has(oid));
  const fetched = back.map((oid) => `${oid} is fetched again`);
  return { isDone: true, words: [...aside.paths.map(asideWords), ...fetched] };
}

/** What nobody has may be given up; what a broken origin does not give may stand in another clone. */
function notHad(count: number, detail: string): string {
  const what = `nothing is put aside: ${counted(count, "object")} would be lost, for the origin cannot be read as a whole (${detail})`;
  return `${what}\n    mend the origin, or: ${FROM_ELSEWHERE}`;
}

async function repairRefs({ repository, store }: Engine): Promise<readonly string[]> {
  const { reader, transactions } = store;
  return (await mendRefs({ repository, reader, transactions })).map(mendedWords);
}

function mendedWords({ ref, from, to, isMoved }: MendedRef): string {
  const name = ref.startsWith(LOCAL_REFS) ? ref : branchName(ref);
  const lost = `${from} cannot be read any more`;
  if (!isMoved) return `${name} is not mended: it moved meanwhile, or is locked; ${lost}`;
  return to === null ? `${name} is given up: ${lost}` : `${name} goes back to ${to}: ${lost}`;
}

function asideWords(path: string): string {
  return `${path} was damaged and is put aside in .git/fettle/damaged`;
}

function recoveryWords({ removed, delivery }: Recovered): readonly string[] {
  const finished = delivery.kind === "finished" ? ["a delivery that was cut off is finished"] : [];
  return [...removed.map((path) => `${path}, left by a runner that died, is removed`), ...finished];
}

async function repairState(engine: Engine, signal: AbortSignal): Promise<readonly string[]> {
  const { shown } = await seeOrigin(engine.repository, signal);
  if (shown === undefined) return [];
  // The look may have brought a newer state.
  engine.store.refresh();
  const conflict = await stateConflict(engine, shown);
  if (conflict?.kind === "foreign" && conflict.isHere) return setAside(engine, conflict);
  if (conflict === null) return putMainBack(engine, shown, signal);
  if (conflict.kind !== "set-back") return [];
  const put = await putBack(engine, { conflict, shown }, signal);
  if (!put.ok) return [`${branchName(conflict.ref)} is not put back: ${put.detail}`];
  engine.store.refresh();
  return [...put.did, ...(await putMainBack(engine, shown, signal))];
}
