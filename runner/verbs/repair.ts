/** `fettle doctor --repair`: puts right what can be put right without losing anything, and says each thing it did. */
import { putBack } from "#runner/loop/put-back.ts";
import { stateConflict } from "#runner/loop/state-standing.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { recover, type Recovered } from "#runner/repo/recovery.ts";
import type { LockHolder } from "#runner/repo/lock.ts";
import { seeOrigin } from "./origin-check.ts";

/** Under the runner's lock; `previous` held it before. What is left is told by the checks that follow. */
export async function repair(
  engine: Engine,
  previous: LockHolder | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const recovered = recoveryWords(await recover(engine.repository, { holder: previous }));
  engine.store.refresh();
  const state = await repairState(engine, signal);
  engine.store.refresh();
  return [...recovered, ...state];
}

function recoveryWords({ removed, delivery }: Recovered): readonly string[] {
  const finished = delivery.kind === "finished" ? ["a delivery that was cut off is finished"] : [];
  return [...removed.map((path) => `${path}, left by a runner that died, is removed`), ...finished];
}

async function repairState(engine: Engine, signal: AbortSignal): Promise<readonly string[]> {
  const { shown } = await seeOrigin(engine.repository, signal);
  if (shown === undefined) return [];
  const conflict = await stateConflict(engine.repository, shown);
  if (conflict?.kind !== "set-back") return [];
  const put = await putBack(engine, { conflict, shown }, signal);
  return put.ok ? put.did : [];
}
