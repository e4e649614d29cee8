/** `fettle memory forget`: what is remembered goes for good wherever it may go; a tombstone says so, and what stands elsewhere is told. */
import { isEpisodePath, withoutLines } from "#runner/core/episode.ts";
import { wordsFor } from "#runner/core/memory/memory-erasure.ts";
import { meantSubject } from "#runner/core/memory/memory-subject.ts";
import { findNamed } from "#runner/core/suggest.ts";
import {
  addedTo,
  isBelow,
  renderTombstone,
  tombstoneOf,
  tombstonePath,
} from "#runner/core/memory/memory-tombstone.ts";
import { gateFileChanges, removeGateBranches } from "#runner/loop/erase-gates.ts";
import { erasePayload } from "#runner/loop/erase-payload.ts";
import { removeIndexes } from "#runner/loop/open-memory.ts";
import { commitAsOperator } from "#runner/loop/operator-commit.ts";
import { operatorOf } from "#runner/loop/operator.ts";
import { readForgotten, tombstoneAt } from "#runner/loop/tombstones.ts";
import { surveyTraces, whyLargeErasure, type Survey } from "#runner/loop/survey-traces.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { renderForgotten } from "#runner/report/forget-text.ts";
import { acting } from "./acting.ts";
import {
  findMemory,
  memoryNow,
  seeingMemory,
  wholeId,
  type KnownMemory,
  type SeenMemory,
} from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface ForgetOptions {
  readonly id: string | null;
  readonly subject: string | null;
  /** What else it is called. */
  readonly words: readonly string[];
  readonly reason: string | null;
  readonly yes: boolean;
  readonly allowLarge: boolean;
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
  return acting(context, async (engine, sight) => {
    const memory = await memoryNow(context, engine, sight);
    return forgotten(context, memory, { ...options, reason });
  });
}

/** The records that are meant, and the words by which what they are about is known elsewhere. */
interface Meant {
  readonly ok: true;
  readonly going: readonly KnownMemory[];
  /** A record that has gone already: what names it may be left. */
  readonly buried: string | null;
  readonly subject: string | null;
  readonly words: readonly string[];
}

type Found = Meant | { readonly ok: false; readonly refusal: Answer };

async function meant(
  { records, engine, commit }: SeenMemory,
  { id, subject, words }: ForgetOptions,
): Promise<Found> {
  if (subject !== null) {
    // What is forgotten already may be asked for again: something may have been in the way.
    const { subjects } = await readForgotten(engine.store.reader, commit);
    const known = meantSubject(subject, [
      ...records.map(({ record }) => record.subject),
      ...subjects,
    ]);
    const name = known.ok ? known.subject : subject.trim().toLowerCase();
    // A slip of the pen must not erase what its last part means elsewhere; who names a word means it.
    if (!known.ok && (words.length === 0 || /\s/u.test(name))) {
      const hint = `${known.hint}; what has no record: --word <name> says how it is called elsewhere`;
      return { ok: false, refusal: refused("usage", `no record is about ${subject}`, hint) };
    }
    const going = records.filter(({ record }) => isBelow(record.subject, name));
    return { ok: true, going, buried: null, subject: name, words: wordsFor(name, words) };
  }
  const found = findMemory(id ?? "", records);
  if (found.ok) {
    const { memory } = found;
    const all = [memory.id, ...words];
    return { ok: true, going: [memory], buried: null, subject: null, words: all };
  }
  const { ids } = await readForgotten(engine.store.reader, commit);
  const named = [...ids].map((name) => ({ name }));
  const again = findNamed(wholeId(id ?? ""), named, { byStart: true });
  if (again.kind !== "found") return found;
  const { name: buried } = again.found;
  return { ok: true, going: [], buried, subject: null, words: [buried, ...words] };
}

async function told(
  context: VerbContext,
  memory: SeenMemory,
  options: ForgetOptions,
): Promise<Answer> {
  const found = await meant(memory, options);
  if (!found.ok) return found.refusal;
  const survey = await surveyed(memory, found);
  const text = renderForgotten({ ...found, ...survey, isDone: false }, context.look);
  return { exit: "ok", text, json: jsonOf(found, survey) };
}

function surveyed({ engine }: SeenMemory, { going, words }: Meant): Promise<Survey> {
  return surveyTraces(engine, words, new Set(going.map(({ path }) => path)));
}

function jsonOf({ going, words }: Meant, { gates, payload, rest }: Survey): object {
  return {
    ids: going.map(({ id }) => id),
    paths: going.map(({ path }) => path),
    blobs: going.map(({ blob }) => blob),
    words,
    gates,
    payload,
    traces: rest,
  };
}

type Forgetting = ForgetOptions & { readonly reason: string };

async function forgotten(
  context: VerbContext,
  memory: SeenMemory,
  options: Forgetting,
): Promise<Answer> {
  const { engine } = memory;
  const found = await meant(memory, options);
  if (!found.ok) return found.refusal;
  const waiting = found.going.find(({ isPending }) => isPending);
  if (waiting !== undefined) {
    const hint = "fettle reconcile   delivers it; then forget it";
    return refused("refused", `${waiting.id} is not on main yet`, hint);
  }
  const survey = await surveyed(memory, found);
  const large = options.allowLarge ? null : whyLargeErasure(survey.payload);
  if (large !== null) {
    const hint = "fettle memory forget … without --yes   names them; --allow-large erases them";
    return refused("refused", `nothing is forgotten: ${large}`, hint);
  }
  const by = (await operatorOf(engine.repository))?.email ?? "";
  const moved = await forgetOnMain(memory, { found, survey, options, by });
  if (moved !== null) return moved;
  const erasing = { erasures: survey.payload, by, reason: options.reason };
  const erased = await erasePayload(engine, erasing, context.signal);
  const removed = erased.ok
    ? await removeGateBranches(engine, survey.gates.branches, context.signal)
    : erased;
  if (!removed.ok) {
    const message = `gone from main; the rest is not erased yet: ${removed.detail}`;
    return refused("temporary", message, "the same command again goes on");
  }
  const text = renderForgotten({ ...found, ...survey, isDone: true }, context.look);
  return { exit: "ok", text, json: jsonOf(found, survey) };
}

interface OnMain {
  readonly found: Meant;
  readonly survey: Survey;
  readonly options: Forgetting;
  readonly by: string;
}

/** null when it is done, or nothing was left to do. */
async function forgetOnMain(memory: SeenMemory, forgetting: OnMain): Promise<Answer | null> {
  const { engine, commit: main, at } = memory;
  const { found, survey } = forgetting;
  const { files: gateFiles } = survey.gates;
  const removed = [
    ...(await removals(memory, found.going)),
    ...(await gateFileChanges(engine, { files: gateFiles, main, at })),
  ];
  const files = [...removed, ...(await tombstones(memory, forgetting))];
  // An index may hold what is removed for as long as it is only brought up to date.
  await removeIndexes(engine);
  if (files.length === 0) return null;
  const { length } = found.going;
  const message = `Forget ${length} ${length === 1 ? "record" : "records"} of memory\n`;
  const words = { done: "written on main", again: "do it" };
  const moved = await commitAsOperator(engine, { main, files, message, words });
  return moved.ok ? null : refused(moved.exit, moved.message, moved.hint);
}

/** One for each record and one for a subject; the last of them names what goes besides, so that a purge of history takes it. */
async function tombstones(
  { engine, commit, at }: SeenMemory,
  { found, survey, options, by }: OnMain,
): Promise<readonly FileChange[]> {
  const { reader } = engine.store;
  const said = { at, by, reason: options.reason };
  const resolved = await Promise.all(
    survey.gates.files.map(async (path) => (await reader.resolve(`${commit}:${path}`))?.oid),
  );
  const blobs = resolved.filter((oid) => oid !== undefined);
  const { going, buried, subject } = found;
  const standing =
    buried === null
      ? undefined
      : await tombstoneAt(reader, commit, tombstonePath({ id: buried, ...said }));
  const all = [
    ...going.map((record) => tombstoneOf(record, said)),
    ...(standing === undefined ? [] : [standing]),
    ...(subject === null ? [] : [{ subject, ...said }]),
  ];
  const fresh = await Promise.all(
    all.map(async (tombstone, place): Promise<readonly FileChange[]> => {
      const path = tombstonePath(tombstone);
      const before = await tombstoneAt(reader, commit, path);
      const isLast = place === all.length - 1;
      const whole = addedTo(before, isLast ? { ...tombstone, blobs } : tombstone);
      return whole === null ? [] : [{ path, content: renderTombstone(whole) }];
    }),
  );
  return fresh.flat();
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
