/** `fettle memory forget`: what is remembered goes for good wherever it may go; a tombstone says so, and what stands elsewhere is told. */
import { isEpisodePath, withoutLines } from "#runner/core/episode.ts";
import {
  meantToForget,
  tombstonePaths,
  tombstonesFor,
  type ForgetWish,
  type Meant,
} from "#runner/core/memory/memory-forgetting.ts";
import { renderTombstone, tombstonePath } from "#runner/core/memory/memory-tombstone.ts";
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
import { memoryNow, seeingMemory, type KnownMemory, type SeenMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface ForgetOptions extends ForgetWish {
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

type Going = Meant<KnownMemory>;

type Found = Going | { readonly ok: false; readonly refusal: Answer };

async function meant({ records, engine, commit }: SeenMemory, wish: ForgetOptions): Promise<Found> {
  const gone = await readForgotten(engine.store.reader, commit);
  const found = meantToForget(wish, records, gone);
  return found.ok ? found : { ok: false, refusal: refused("usage", found.message, found.hint) };
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

function surveyed({ engine }: SeenMemory, { going, words }: Going): Promise<Survey> {
  return surveyTraces(engine, words, new Set(going.map(({ path }) => path)));
}

function jsonOf({ going, words }: Going, { gates, payload, rest }: Survey): object {
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
  readonly found: Going;
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

async function tombstones(
  { engine, commit, at }: SeenMemory,
  { found, survey, options, by }: OnMain,
): Promise<readonly FileChange[]> {
  const { reader } = engine.store;
  const resolved = await Promise.all(
    survey.gates.files.map(async (path) => (await reader.resolve(`${commit}:${path}`))?.oid),
  );
  const blobs = resolved.filter((oid) => oid !== undefined);
  const standing = await Promise.all(
    tombstonePaths(found).map(async (path) => {
      const tombstone = await tombstoneAt(reader, commit, path);
      return tombstone === undefined ? [] : [[path, tombstone] as const];
    }),
  );
  const said = { at, by, reason: options.reason };
  const made = tombstonesFor(found, { ...said, blobs, standing: new Map(standing.flat()) });
  return made.map((tombstone) => ({
    path: tombstonePath(tombstone),
    content: renderTombstone(tombstone),
  }));
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
