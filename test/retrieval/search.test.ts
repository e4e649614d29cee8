import { expect, test } from "vitest";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { indexInProcess } from "#runner/retrieval/in-process-index.ts";
import { type Found, searchMemory, type Filter } from "#runner/retrieval/search.ts";
import { NOON, record, run } from "./example-memory.ts";

/** Words that no question has, so that the mean length and rarities do not depend on the case. */
const OTHERS = ["sun moon", "star cloud", "rain wind"].map((text, at) =>
  record(`other-${at}`, text),
);

function search(
  records: readonly StoredMemory[],
  text: string,
  filter: Filter = {},
): Promise<readonly Found[]> {
  const index = indexInProcess([...OTHERS, ...records]);
  return searchMemory(index, { text, asOf: NOON, limit: 10, filter });
}

async function ids(...given: Parameters<typeof search>): Promise<readonly string[]> {
  return (await search(...given)).map(({ memory }) => memory.id);
}

test("a record is found by what stands beside it in its run, weaker with every place", async () => {
  const lines = run("r", [
    "Acme wrote",
    "foil is late",
    "and so on",
    "going home",
    "tea",
    "coffee",
  ]);

  const found = await search([...lines, record("alone", "acme foil")], "acme");

  const neighbours = Object.fromEntries(
    found.map(({ memory, why }) => [memory.id, why.neighbours]),
  );
  expect(neighbours["alone"]).toBe(0);
  expect(neighbours["r#2"]).toBeGreaterThan(neighbours["r#3"] ?? 0);
  expect(neighbours["r#5"]).toBeGreaterThan(0);
  expect(neighbours).not.toHaveProperty("r#6");
});

test("what stands before counts more than what follows, and both count", async () => {
  const found = await search(run("r", ["tea", "acme", "coffee"]), "acme");

  const [before, , after] = ["r#1", "r#2", "r#3"].map(
    (id) => found.find(({ memory }) => memory.id === id)?.why.neighbours ?? 0,
  );
  expect(after).toBeGreaterThan(before ?? 0);
  expect(before).toBeGreaterThan(0);
});

test("coverage tells how much of the question is said here, just before, or near", async () => {
  const lines = ["acme foil", "tea", "coffee", "cake", "bread", "milk", "acme"];

  const found = await search(run("r", lines), "acme foil");

  const [here, next, near] = ["r#1", "r#2", "r#4"].map(
    (id) => found.find(({ memory }) => memory.id === id)?.why.coverage ?? 0,
  );
  expect([here, next, near]).toEqual([1.5, 1.4, 1.25]);
});

test("a long record says more", async () => {
  const [long, short] = await search(
    [record("long", "acme pays by bank on the first day"), record("short", "acme pays")],
    "acme",
  ).then((found) =>
    ["long", "short"].map((id) => found.find(({ memory }) => memory.id === id)?.why.boosts ?? 0),
  );

  expect(long).toBeGreaterThan(short ?? 1);
});

test("what follows a question answers it", async () => {
  const asked = run("asked", ["Which paper for Acme?", "The ribbed one"]);
  const told = run("told", ["Some paper for Acme.", "The ribbed one"]);

  const [, after] = await ids([...asked, ...told], "acme paper");

  expect(await score([...asked, ...told], "acme paper", "asked#2")).toBeGreaterThan(
    await score([...asked, ...told], "acme paper", "told#2"),
  );
  expect(after).not.toBe("told#2");
});

test("a run that is about the question lifts all that it holds", async () => {
  const about = run("about", ["copper for acme", "x", "x", "x", "x", "x", "copper arrived"]);
  const other = run("other", ["copper for rook", "x", "x", "x", "x", "x", "copper arrived"]);

  expect(await score([...about, ...other], "acme copper", "about#7")).toBeGreaterThan(
    await score([...about, ...other], "acme copper", "other#7"),
  );
});

test("of two records the one counts more that says all that is asked", async () => {
  const records = [record("a", "acme acme acme"), record("y", "acme foil acme")];

  expect(await ids(records, "acme foil")).toEqual(["y", "a"]);
});

test.each([
  ["is by whom the question names", "paid by the clerk", { source: { agent: "clerk@1.0.0" } }, {}],
  ["is surer", "paid", { confidence: 0.9 }, { confidence: 0.5 }],
  ["is pinned", "paid", { pinned: true }, {}],
  [
    "is a younger rule of thumb",
    "paid",
    { kind: "heuristic" },
    { kind: "heuristic", recordedAt: "2026-02-01T00:00:00.000Z" },
  ],
  [
    "answers the same question later",
    "paid",
    { attribute: "a" },
    { attribute: "a", recordedAt: "2026-11-01T00:00:00.000Z" },
  ],
] as const)(
  "of two records that say the same the one counts more that %s",
  async (_, question, better, worse) => {
    // By id the worse one would come first.
    const records = [
      record("y", "acme paid", { ...better }),
      record("a", "acme paid", { ...worse }),
    ];

    expect(await ids(records, question)).toEqual(["y", "a"]);
  },
);

test("facts and decisions do not fade", async () => {
  const old = record("a", "acme paid", { recordedAt: "2025-01-01T00:00:00.000Z" });

  expect(await ids([old, record("y", "acme paid")], "paid")).toEqual(["a", "y"]);
});

test("who asks when is given what names a time", async () => {
  const records = [record("a", "acme paid in cash"), record("y", "acme paid on 4 May")];

  expect(await ids(records, "how did acme pay: paid")).toEqual(["a", "y"]);
  expect(await ids(records, "when did acme pay: paid")).toEqual(["y", "a"]);
});

test("a score is made of what is told about it", async () => {
  const [best] = await search(run("r", ["acme?", "foil on 4 May", "foil"]), "when acme foil");

  const {
    bm25,
    neighbours,
    run: ofRun,
    coverage,
    boosts,
    subject,
  } = best?.why ?? {
    bm25: 0,
    neighbours: 0,
    run: 0,
    coverage: 0,
    boosts: 0,
    subject: 0,
  };
  expect(best?.memory.id).toBe("r#2");
  expect(best?.score).toBeCloseTo((bm25 + neighbours + ofRun) * coverage * boosts + subject, 4);
});

test("only what passes every filter is found", async () => {
  const records = [
    record("a", "acme paid", { subject: "client/acme", recordedAt: "2026-11-01T00:00:00.000Z" }),
    record("b", "acme paid", { subject: "client/acme/billing", kind: "decision" }),
    record("c", "acme paid", { namespace: "org", subject: "client/acmeton" }),
  ];
  const found = (filter: Filter): Promise<readonly string[]> => ids(records, "paid", filter);

  expect((await found({})).toSorted()).toEqual(["a", "b", "c"]);
  expect(await found({ namespaces: ["org"] })).toEqual(["c"]);
  expect(await found({ kinds: ["decision"] })).toEqual(["b"]);
  expect((await found({ below: "client/acme" })).toSorted()).toEqual(["a", "b"]);
  expect((await found({ since: "2026-11-02" })).toSorted()).toEqual(["b", "c"]);
  expect(await found({ until: "2026-11-02" })).toEqual(["a"]);
});

test("what is not in force is not found, whatever stands in front of it", async () => {
  const wrong = Array.from({ length: 40 }, (_, at) => record(`wrong-${at}`, "acme paid"));
  const right = record("right", "acme paid late", {
    supersedes: wrong.map(({ id }) => id),
    confidence: 0.5,
  });

  expect(await ids([...wrong, right], "acme paid")).toEqual(["right"]);
});

test("words that are everywhere do not keep a rare one from being found", async () => {
  const many = Array.from({ length: 900 }, (_, at) => record(`many-${at}`, "invoice paid"));
  const rare = record("rare", "invoice for copper paid");

  expect((await ids([...many, rare], "copper invoice"))[0]).toBe("rare");
  expect(await ids([...many, rare], "invoice paid")).toHaveLength(10);
  const bread = Array.from({ length: 905 }, (_, at) => record(`bread-${at}`, "bread"));
  expect(await ids([...many, ...bread], "bread invoice")).toHaveLength(10);
  const both = record("both", "invoice ordered by the cellar");
  const cellar = Array.from({ length: 902 }, (_, at) => record(`cellar-${at}`, "cellar"));
  const other = record("other", "invoice for bread ordered");
  const found = await ids([...many, ...bread, ...cellar, both, other], "bread invoice cellar");
  expect(found.toSorted()).toEqual(["both", "other"]);
});

async function score(
  records: readonly StoredMemory[],
  question: string,
  id: string,
): Promise<number> {
  const found = await search(records, question);
  return found.find(({ memory }) => memory.id === id)?.score ?? 0;
}
