/** How a verb looks at memory: at main and what waits for delivery, or at what main was at another time. */
import { namedMemory } from "#runner/core/memory/named-memory.ts";
import { standingsOf, type MemoryStanding } from "#runner/core/memory/memory-standing.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { asOf } from "#runner/loop/as-of.ts";
import { readAllRuns } from "#runner/loop/closed-runs.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { memoryFilesOf, pendingMemory, readMemory } from "#runner/loop/memory-records.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";
import { looking } from "./looking.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface SeenMemory {
  /** Commit of main. */
  readonly commit: string;
  /** Instant at which records are in force or not. */
  readonly at: string;
  readonly records: readonly KnownMemory[];
  readonly sight: Sight;
  readonly engine: Engine;
}

/** A record with how it stands among the others. */
export interface KnownMemory extends StoredMemory {
  readonly standing: MemoryStanding;
  /** Admitted, and not on main yet. */
  readonly isPending: boolean;
}

/** `moment`: a commit, a day or an instant; null: now. */
export function seeingMemory(
  context: VerbContext,
  moment: string | null,
  answer: (memory: SeenMemory) => Answer | Promise<Answer>,
): Promise<Answer> {
  return looking(context, async (sight, engine) => {
    if (moment === null) return answer(await memoryNow(context, engine, sight));
    const then = await asOf(engine, sight.workspace.commit, moment);
    if (then === null) return noSuchMoment(moment);
    return answer({ ...then, records: await known(engine, then, new Map()), sight, engine });
  });
}

/** Main, and what waits for delivery. */
export async function memoryNow(
  { clock }: VerbContext,
  engine: Engine,
  sight: Sight,
): Promise<SeenMemory> {
  const pending = pendingMemory(sight.observed.summaries);
  const now = { commit: sight.workspace.commit, at: clock() };
  return { ...now, records: await known(engine, now, pending), sight, engine };
}

/** Every attempt that this clone holds, of open and closed runs. */
export async function attemptsOf({ observed, files }: Sight): Promise<readonly AttemptRecord[]> {
  const closed = await readAllRuns(files);
  const open = [...observed.runs.values()].filter(({ record }) => !closed.has(record.id));
  return [...closed.values(), ...open].flatMap(({ attempts }) => attempts);
}

async function known(
  { store }: Engine,
  { commit, at }: Pick<SeenMemory, "commit" | "at">,
  pending: ReadonlyMap<string, string>,
): Promise<readonly KnownMemory[]> {
  const onMain = await memoryFilesOf(store.reader, commit);
  const files = new Map([...onMain, ...pending]);
  const records = await readMemory(store.reader, files);
  const standings = standingsOf(records, at);
  return records.flatMap((record, index) => {
    const standing = standings[index];
    const isPending = pending.has(record.path) && !onMain.has(record.path);
    return standing === undefined ? [] : [{ ...record, standing, isPending }];
  });
}

export function noSuchMoment(moment: string): Answer {
  const hint =
    "a day (2026-11-22), an instant (2026-11-22T08:00:00Z) or a commit; git log main   names them";
  return refused("usage", `main has nothing as of ${moment}`, hint);
}

type FoundMemory =
  | { readonly ok: true; readonly memory: KnownMemory }
  | { readonly ok: false; readonly refusal: Answer };

/** A record by its id, or by the unambiguous start of it. */
export function findMemory(word: string, records: readonly KnownMemory[]): FoundMemory {
  const found = namedMemory(word, records);
  return found.ok ? found : { ok: false, refusal: refused("usage", found.message, found.hint) };
}
