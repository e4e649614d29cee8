import { expect, test } from "vitest";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { indexInProcess } from "#runner/retrieval/in-process-index.ts";
import { type Recalled, recallMemory, type RecallQuery } from "#runner/retrieval/recall.ts";

const query: RecallQuery = {
  text: "payment tone",
  namespaces: ["collections", "org"],
  limit: 5,
  tokens: 1500,
  asOf: "2026-11-22T08:00:00.000Z",
};

function memory(
  id: string,
  text: string,
  more: Partial<StoredMemory["record"]> & { namespace?: string } = {},
): StoredMemory {
  const { namespace = "collections", ...record } = more;
  return {
    id,
    namespace,
    path: `memory/${namespace}/fact/2026-10/${id}.md`,
    blob: `blob-${id}`,
    record: { kind: "fact", subject: "studio", ...record },
    text,
  };
}

const records = [
  memory("a", "Reminders: a friendly tone brings payments faster.", { kind: "heuristic" }),
  memory("b", "Acme wants formal letters.", { subject: "client/acme" }),
  memory("c", "Acme's accountant is on leave in December.", { subject: "client/acme/billing" }),
  memory("d", "The printer needs toner.", { namespace: "org" }),
  memory("e", "Payment terms are net 14.", { namespace: "org" }),
  memory("f", "The tone of payment letters elsewhere.", { namespace: "other" }),
];

async function ids(
  more: Partial<RecallQuery>,
  from: readonly StoredMemory[] = records,
): Promise<string[]> {
  return (await recall(from, more)).map(({ id }) => id);
}

function recall(
  from: readonly StoredMemory[],
  more: Partial<RecallQuery> = {},
): Promise<readonly Recalled[]> {
  return recallMemory(indexInProcess(from), { ...query, ...more });
}

test("records that share words are recalled, the best first, from the named places only", async () => {
  expect(await ids({})).toEqual(["a", "e"]);
  expect(await ids({ namespaces: ["org"] })).toEqual(["e"]);
});

test("the subject counts for more than words; its neighbours follow", async () => {
  expect(await ids({ subject: "client/acme" })).toEqual(["b", "c", "a", "e"]);
  expect(await ids({ text: "", subject: "client/acme" })).toEqual(["b", "c"]);
});

test("kinds, number and size of what is recalled are limited", async () => {
  expect(await ids({ kinds: ["fact"] })).toEqual(["e"]);
  expect(await ids({ limit: 1 })).toEqual(["a"]);
  expect(await ids({ tokens: 7 })).toEqual(["e"]);
});

test("words are found in other forms, cases and accents", async () => {
  const found = [memory("x", "Die Mahnungen kamen über Zürich")];

  expect(await ids({ text: "MAHNUNG" }, found)).toEqual(["x"]);
  expect(await ids({ text: "zurich" }, found)).toEqual(["x"]);
  expect(await ids({ text: "die der über" }, found)).toEqual([]);
});

test("records that are no longer in force are not recalled", async () => {
  const old = [
    memory("old", "payment in advance", { validTo: "2026-01-01" }),
    memory("replaced", "payment by cheque"),
    memory("new", "payment by transfer", { supersedes: ["replaced"] }),
  ];

  expect(await ids({}, old)).toEqual(["new"]);
});

test("the answer does not depend on the order of the records, and equal scores go by id", async () => {
  const twins = [memory("z", "payment 7"), memory("y", "payment 8"), ...records];

  const answer = await recall(twins);

  expect(await recall(twins.toReversed())).toEqual(answer);
  const places = answer.map(({ id }) => id);
  expect(places.indexOf("z")).toBe(places.indexOf("y") + 1);
});

test("what is recalled is cited by blob and score", async () => {
  const [best] = await recall(records);

  expect(best).toMatchObject({ id: "a", blob: "blob-a", text: records[0]?.text });
  expect(best?.score).toBe(Number(best?.score.toFixed(6)));
});
