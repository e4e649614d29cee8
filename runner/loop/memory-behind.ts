/** The records behind a gate, looked up on main and among what waits. */
import type { OpenRun } from "#runner/core/model.ts";
import type { DecisionInput } from "#runner/core/gate/decision-input.ts";
import { idsBehind, memoryBehind } from "#runner/core/used-memory.ts";
import type { Engine, View } from "./engine.ts";
import { memoryFilesOf, pendingMemory, readMemory } from "./memory-records.ts";

/** Nothing where nothing was recalled: then nothing is read. */
export async function readMemoryBehind(
  { store }: Engine,
  { workspace, observed }: View,
  { run, gate }: { readonly run: OpenRun; readonly gate: string },
): Promise<Pick<DecisionInput, "memory">> {
  const ids = idsBehind(run, gate);
  const nothing = memoryBehind(run, gate, []);
  if (ids.size === 0) return nothing.notGiven.length === 0 ? {} : { memory: nothing };
  const onMain = await memoryFilesOf(store.reader, workspace.commit);
  const files = new Map([...onMain, ...pendingMemory(observed.summaries)]);
  return { memory: memoryBehind(run, gate, await readMemory(store.reader, files)) };
}
