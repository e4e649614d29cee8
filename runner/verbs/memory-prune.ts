/** `fettle memory prune`: what is old goes, by rules. */
import { recordsToPrune, whyLarge, type Pruned } from "#runner/core/memory/memory-retention.ts";
import { memoryUses } from "#runner/core/memory/memory-use.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { renderPruned } from "#runner/report/memory-text.ts";
import { changingMemory } from "./changing-memory.ts";
import { attemptsOf, seeingMemory, type KnownMemory, type SeenMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface PruneOptions {
  readonly yes: boolean;
  readonly allowLarge: boolean;
}

export function memoryPruneVerb(
  context: VerbContext,
  { yes, allowLarge }: PruneOptions,
): Promise<Answer> {
  if (!yes) {
    return seeingMemory(context, null, async (memory) => told(context, await goingOf(memory)));
  }
  return changingMemory(context, async (memory) => {
    const going = await goingOf(memory);
    if (going.length === 0) return told(context, going);
    const large = allowLarge ? null : whyLarge(going, memory.records.length);
    if (large !== null) {
      const hint = "fettle memory prune   names them; --allow-large removes them all the same";
      return refused("refused", `nothing is removed: ${large}`, hint);
    }
    const count = `${going.length} ${going.length === 1 ? "record" : "records"}`;
    return {
      files: filesOf(going),
      subject: `Prune ${count} of memory`,
      body: going.map(({ memory: { id }, rule }) => `${id}: ${rule}`).join("\n"),
      text: renderPruned(going, true, context.look).trimEnd(),
      json: { removed: going.map(shown) },
    };
  });
}

/** A file of episodes goes when all of it goes. */
function filesOf(going: readonly Pruned<KnownMemory>[]): readonly FileChange[] {
  const paths = new Set(going.map(({ memory }) => memory.path));
  return [...paths].toSorted().map((path) => ({ path, delete: true }));
}

async function goingOf(memory: SeenMemory): Promise<readonly Pruned<KnownMemory>[]> {
  const onMain = memory.records.filter(({ isPending }) => !isPending);
  const uses = memoryUses(await attemptsOf(memory.sight));
  const { retention } = memory.sight.workspace.settings;
  const going = recordsToPrune(onMain, { retention, uses, now: memory.at });
  const gone = new Set(going.map(({ memory: { id } }) => id));
  const kept = new Set(onMain.filter(({ id }) => !gone.has(id)).map(({ path }) => path));
  return going.filter(({ memory: { path } }) => !kept.has(path));
}

function told(context: VerbContext, going: readonly Pruned<KnownMemory>[]): Answer {
  const text = renderPruned(going, false, context.look);
  return { exit: "ok", text, json: { removed: [], wouldGo: going.map(shown) } };
}

function shown({ memory: { id, path }, rule }: Pruned<KnownMemory>): object {
  return { id, path, rule };
}
