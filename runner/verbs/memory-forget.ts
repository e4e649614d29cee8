/** `fettle memory forget`: records go for good, a tombstone says so, and what stands elsewhere is told. */
import {
  renderTombstone,
  tombstoneOf,
  tombstonePath,
  isBelow,
} from "#runner/core/memory-tombstone.ts";
import { isEpisodePath, withoutLines } from "#runner/core/episode.ts";
import { operatorOf } from "#runner/loop/operator.ts";
import { removeIndexes } from "#runner/loop/open-memory.ts";
import { tracesOf, type Trace } from "#runner/loop/traces.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { renderForgotten, type Forgetting } from "#runner/report/forget-text.ts";
import { changingMemory, type MemoryChange } from "./changing-memory.ts";
import { findMemory, seeingMemory, type KnownMemory, type SeenMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface ForgetOptions {
  readonly id: string | null;
  readonly subject: string | null;
  readonly reason: string | null;
  readonly yes: boolean;
}

export function memoryForgetVerb(context: VerbContext, options: ForgetOptions): Promise<Answer> {
  const { id, subject, reason, yes } = options;
  if ((id === null) === (subject === null)) {
    const hint = "fettle memory forget <id>, or fettle memory forget --subject client/acme";
    return Promise.resolve(refused("usage", "a record or a subject: one of them", hint));
  }
  if (!yes) return seeingMemory(context, null, (memory) => told(context, memory, options));
  if (reason === null) {
    const hint = '--reason "they asked to"   stays on record; nothing of what was said does';
    return Promise.resolve(refused("usage", "why?", hint));
  }
  return changingMemory(context, (memory) => forgetting(context, memory, { ...options, reason }));
}

type Found =
  | { readonly ok: true; readonly going: readonly KnownMemory[]; readonly word: string }
  | { readonly ok: false; readonly refusal: Answer };

/** The records that are meant, and the word by which what they are about is known elsewhere. */
function meant({ records }: SeenMemory, { id, subject }: ForgetOptions): Found {
  if (subject !== null) {
    const going = records.filter(({ record }) => isBelow(record.subject, subject));
    return { ok: true, going, word: subject.split("/").at(-1) ?? subject };
  }
  const found = findMemory(id ?? "", records);
  if (!found.ok) return found;
  return { ok: true, going: [found.memory], word: found.memory.id };
}

async function told(
  context: VerbContext,
  memory: SeenMemory,
  options: ForgetOptions,
): Promise<Answer> {
  const found = meant(memory, options);
  if (!found.ok) return found.refusal;
  const survey = await surveyed(memory, found);
  const text = renderForgotten({ ...survey, isDone: false }, context.look);
  return { exit: "ok", text, json: jsonOf(survey) };
}

async function surveyed(
  { engine }: SeenMemory,
  { going, word }: Extract<Found, { ok: true }>,
): Promise<Omit<Forgetting, "isDone">> {
  const gone = new Set(going.map(({ path }) => path));
  const traces = (await tracesOf(engine, word)).flatMap((trace): Trace[] => {
    const files =
      trace.branch === "main" ? trace.files.filter((path) => !gone.has(path)) : trace.files;
    return files.length === 0 ? [] : [{ ...trace, files }];
  });
  const blobs = going.map(({ blob }) => blob);
  return { going, word, traces, blobs };
}

function jsonOf({ going, traces, blobs }: Omit<Forgetting, "isDone">): object {
  return { ids: going.map(({ id }) => id), paths: going.map(({ path }) => path), blobs, traces };
}

/** Of a file that tells of a whole run, only the lines that are meant go. */
function removals(
  { engine }: SeenMemory,
  going: readonly KnownMemory[],
): Promise<readonly FileChange[]> {
  const byPath = [...Map.groupBy(going, ({ path }) => path)];
  return Promise.all(
    byPath.map(async ([path, records]): Promise<FileChange> => {
      const [first] = records;
      if (first === undefined || !isEpisodePath(path)) return { path, delete: true };
      const text = (await engine.store.reader.expectBlob(first.blob, path)).toString("utf8");
      const gone = new Set(records.flatMap(({ seq }) => seq ?? []));
      const content = withoutLines(text, gone);
      return content === null ? { path, delete: true } : { path, content };
    }),
  );
}

async function forgetting(
  context: VerbContext,
  memory: SeenMemory,
  options: ForgetOptions & { readonly reason: string },
): Promise<MemoryChange | Answer> {
  const found = meant(memory, options);
  if (!found.ok) return found.refusal;
  const { going } = found;
  const waiting = going.filter(({ isPending }) => isPending);
  if (waiting.length > 0) {
    const hint = "fettle reconcile   delivers it; then forget it";
    return refused("refused", `${waiting[0]?.id ?? ""} is not on main yet`, hint);
  }
  const by = (await operatorOf(memory.engine.repository))?.email ?? "";
  const said = { at: memory.at, by, reason: options.reason };
  const tombstones = [
    ...going.map((record) => tombstoneOf(record, said)),
    ...(options.subject === null ? [] : [{ subject: options.subject, ...said }]),
  ];
  const files: FileChange[] = [
    ...(await removals(memory, going)),
    ...tombstones.map((tombstone) => ({
      path: tombstonePath(tombstone),
      content: renderTombstone(tombstone),
    })),
  ];
  const survey = await surveyed(memory, found);
  // An index may hold what is removed for as long as it is only brought up to date.
  await removeIndexes(memory.engine);
  const count = `${going.length} ${going.length === 1 ? "record" : "records"}`;
  return {
    files,
    subject: `Forget ${count} of memory`,
    text: renderForgotten({ ...survey, isDone: true }, context.look).trimEnd(),
    json: jsonOf(survey),
  };
}
