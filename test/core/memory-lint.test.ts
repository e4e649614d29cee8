import { expect, test } from "vitest";
import { lintMemory } from "#runner/core/memory/memory-lint.ts";
import { standingsOf } from "#runner/core/memory/memory-standing.ts";
import type { StoredMemory, StoredRecord } from "#runner/core/memory/memory-file.ts";
import { attempt } from "../support/core-records.ts";

const NOW = "2026-11-22T08:00:00.000Z";

interface Given extends Partial<StoredRecord> {
  readonly text?: string;
  readonly namespace?: string;
}

function findings(given: Readonly<Record<string, Given>>): readonly string[] {
  const records = Object.entries(given).map(([id, { text = id, namespace = "shop", ...record }]) =>
    stored(id, { text, namespace, record }),
  );
  const standings = standingsOf(records, NOW);
  const standing = records.map((record, at) => ({
    ...record,
    standing: standings[at] ?? { kind: "active" as const },
  }));
  return lintMemory(standing, []).map(({ severity, rule, ids }) =>
    [severity, rule, ...ids].join(" "),
  );
}

function stored(
  id: string,
  { text, namespace, record }: { text: string; namespace: string; record: Partial<StoredRecord> },
): StoredMemory {
  const path = `memory/${namespace}/fact/${id}.md`;
  return {
    id,
    namespace,
    path,
    blob: "b",
    text,
    record: { kind: "fact", subject: "a", ...record },
  };
}

const TERMS = { subject: "client/acme", attribute: "terms" };

test.each([
  [
    "two answers to one question",
    { one: { ...TERMS, text: "Net 14." }, two: { ...TERMS, text: "Net 30." } },
    ["error contradiction one two"],
  ],
  [
    "two answers in two namespaces",
    { one: { ...TERMS, text: "Net 14." }, two: { ...TERMS, namespace: "org", text: "Net 30." } },
    [],
  ],
  [
    "an answer and the one that it replaced",
    { one: { ...TERMS, text: "Net 14." }, two: { ...TERMS, text: "30.", supersedes: ["one"] } },
    [],
  ],
  [
    "two answers of different times",
    {
      one: { ...TERMS, text: "Net 14.", validTo: "2026-11-01" },
      two: { ...TERMS, text: "Net 30.", validFrom: "2026-11-01" },
    },
    [],
  ],
  [
    "the same answer twice",
    { one: { ...TERMS, text: "Net 14." }, two: { ...TERMS, text: "net  14." } },
    ["warning repeat one two"],
  ],
  [
    "two facts about one subject without an attribute",
    { one: { text: "Likes tea." }, two: { text: "Hates mail on Mondays." } },
    [],
  ],
  [
    "the same said of two subjects",
    { one: { text: "Hi." }, two: { subject: "b", text: "Hi." } },
    [],
  ],
  ["a record that replaces what is gone", { one: { supersedes: ["x"] } }, ["warning dangling one"]],
  [
    "a record with a key",
    { one: { text: `The key is sk-ant-api03-${"a1B2c3D4e5".repeat(9)}AA` } },
    ["error secret one"],
  ],
])("lint says of %s: %o %o", (_, given, expected) => {
  expect(findings(given)).toEqual(expected);
});

test("what an agent cites without having been given it is told", () => {
  const cited = { recalled: [], admitted: [], refused: [], cited: [], notGiven: ["mem_made_up"] };
  const strange = attempt("draft", { memory: cited });

  const [finding] = lintMemory([], [strange]);

  expect(finding).toMatchObject({ severity: "warning", rule: "cited-not-given" });
  expect(finding?.message).toContain("mem_made_up");
});
