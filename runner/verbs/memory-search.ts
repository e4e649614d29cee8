/** `fettle memory search`: what is remembered and in force, found by words, best first. */
import { asOf } from "#runner/loop/as-of.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { memoryFilesOf, pendingMemory, readMemory } from "#runner/loop/memory-records.ts";
import { type MemorySearch, searchMain } from "#runner/loop/search-memory.ts";
import { renderFoundMemory } from "#runner/report/found-memory-text.ts";
import { looking } from "./looking.ts";
import { subjectNamed, type NamedSubject } from "./memory-list.ts";
import { noSuchMoment } from "./seeing-memory.ts";
import { type Answer, refused, type VerbContext } from "./verb.ts";

interface Asked {
  readonly text: string;
  readonly namespace: string | null;
  readonly kind: MemoryKindName | null;
  readonly subject: string | null;
  readonly since: string | null;
  readonly until: string | null;
  readonly asOf: string | null;
  readonly limit: number;
  readonly explain: boolean;
}

export type MemoryKindName = NonNullable<MemorySearch["filter"]["kinds"]>[number];

const DAY = /^\d{4}-\d{2}-\d{2}$/u;
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z)?$/u;

export async function memorySearchVerb(context: VerbContext, asked: Asked): Promise<Answer> {
  const wrong = [asked.since, asked.until].find(
    (moment) => moment !== null && !MOMENT.test(moment),
  );
  if (wrong !== undefined) {
    const hint = "a day (2026-11-22) or an instant (2026-11-22T08:00:00Z)";
    return refused("usage", `${wrong} is no moment`, hint);
  }
  return looking(context, async (sight, engine) => {
    const main = sight.workspace.commit;
    const now = { commit: main, at: context.clock() };
    const moment = asked.asOf === null ? now : await asOf(engine, main, asked.asOf);
    if (moment === null) return noSuchMoment(asked.asOf ?? "");
    const pending = asked.asOf === null ? pendingMemory(sight.observed.summaries) : new Map();
    const { text, limit } = asked;
    const named = await subjectIn(engine, asked.subject, { commit: moment.commit, pending });
    if (!named.ok) return named.refusal;
    const answer = await searchMain(engine, sight.workspace, {
      ...moment,
      text,
      limit,
      pending,
      filter: filterOf({ ...asked, subject: named.subject }),
      signal: context.signal,
    });
    if (answer.withoutLance !== null) {
      context.notice(`LanceDB cannot load here, so all is read: ${answer.withoutLance}`);
    }
    if (answer.withoutVectors !== null) {
      context.notice(`found by words: the embedder had no say (${answer.withoutVectors})`);
    }
    const { found, ranker, index, withoutVectors } = answer;
    return {
      exit: "ok",
      text: renderFoundMemory(found, context.look, { explain: asked.explain }),
      json: { ...moment, query: text, ranker, withoutVectors, index, found },
    };
  });
}

/** Records are read for it only where a subject was typed. */
async function subjectIn(
  { store }: Engine,
  word: string | null,
  { commit, pending }: Pick<MemorySearch, "commit" | "pending">,
): Promise<NamedSubject> {
  if (word === null) return { ok: true, subject: null };
  const files = new Map([...(await memoryFilesOf(store.reader, commit)), ...pending]);
  return subjectNamed(word, await readMemory(store.reader, files));
}

function filterOf({ namespace, kind, subject, since, until }: Asked): MemorySearch["filter"] {
  return {
    ...(namespace !== null && { namespaces: [namespace] }),
    ...(kind !== null && { kinds: [kind] }),
    ...(subject !== null && { below: subject }),
    ...(since !== null && { since }),
    // The day itself counts too.
    ...(until !== null && { until: DAY.test(until) ? `${until}T24` : until }),
  };
}
