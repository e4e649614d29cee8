import { expect, test } from "vitest";
import type { StoredMemory, StoredRecord } from "#runner/core/memory/memory-file.ts";
import {
  agingRecords,
  recordsToPrune,
  whyLarge,
  type PruneFacts,
} from "#runner/core/memory/memory-retention.ts";
import { standingsOf, type MemoryStanding } from "#runner/core/memory/memory-standing.ts";
import type { MemoryUse } from "#runner/core/memory/memory-use.ts";

const NOW = "2026-11-22T08:00:00.000Z";
const OLD = "2026-01-01T00:00:00.000Z";

interface Standing extends StoredMemory {
  readonly standing: MemoryStanding;
}

function records(given: Readonly<Record<string, Partial<StoredRecord>>>): readonly Standing[] {
  const stored = Object.entries(given).map(([id, record]) => ({
    id,
    namespace: "shop",
    path: `memory/shop/${id}.md`,
    blob: "b",
    text: id,
    record: { kind: "heuristic" as const, subject: "a", recordedAt: OLD, ...record },
  }));
  const standings = standingsOf(stored, NOW);
  return stored.map((one, at) => ({ ...one, standing: standings[at] ?? { kind: "active" } }));
}

function use(changes: Partial<MemoryUse>): MemoryUse {
  const who = { run: "r", step: "s", item: null, agent: "a", at: "2026-11-01T00:00:00.000Z" };
  return { ...who, cited: true, confirmed: false, succeeded: true, ...changes };
}

function pruned(
  given: Readonly<Record<string, Partial<StoredRecord>>>,
  more: Partial<PruneFacts> = {},
): readonly string[] {
  const facts = { retention: undefined, uses: new Map<string, MemoryUse[]>(), now: NOW, ...more };
  return recordsToPrune(records(given), facts).map(({ memory }) => memory.id);
}

test.each<[string, Readonly<Record<string, Partial<StoredRecord>>>, readonly string[]]>([
  ["an old rule of thumb", { one: {} }, ["one"]],
  ["a young one", { one: { recordedAt: "2026-11-01T00:00:00.000Z" } }, []],
  ["a pinned one", { one: { pinned: true } }, []],
  ["a fact, a decision, a template", { a: { kind: "fact" }, b: { kind: "decision" } }, []],
  ["a fact whose time to live is over", { one: { kind: "fact", ttl: "30d" } }, ["one"]],
  [
    "one that replaces another that stays",
    { old: { kind: "fact" }, new: { supersedes: ["old"] } },
    [],
  ],
  [
    "one that replaces another that goes too",
    { old: {}, new: { supersedes: ["old"] } },
    ["old", "new"],
  ],
  ["one that retracts what stays", { old: { kind: "fact" }, sorry: { retracts: ["old"] } }, []],
])("retention of %s", (_, given, expected) => {
  expect(pruned(given)).toEqual(expected);
});

test("a record of unknown age stays", () => {
  const ageless = records({ one: {} }).map((one) => ({
    ...one,
    record: { kind: "heuristic" as const, subject: "a" },
  }));

  expect(recordsToPrune(ageless, { retention: undefined, uses: new Map(), now: NOW })).toEqual([]);
});

test.each([
  ["cited by a run that succeeded", {}, []],
  ["told back by one", { cited: false, confirmed: true }, []],
  ["cited by one that failed", { succeeded: false }, ["one"]],
  ["only given", { cited: false }, ["one"]],
  ["cited long ago", { at: "2026-02-01T00:00:00.000Z" }, ["one"]],
])("an old rule of thumb that was %s: %j", (_, changes, expected) => {
  expect(pruned({ one: {} }, { uses: new Map([["one", [use(changes)]]]) })).toEqual(expected);
});

test("fettle.yaml says how long each kind is kept", () => {
  const retention = { memory: { heuristic: "keep", fact: "30d" } };

  expect(pruned({ rule: {}, fact: { kind: "fact" } }, { retention })).toEqual(["fact"]);
});

function going(kind: StoredRecord["kind"], count: number): { memory: Standing; rule: string }[] {
  const given = Array.from({ length: count }, (_, at) => [`m${at}`, { kind }] as const);
  return records(Object.fromEntries(given)).map((memory) => ({ memory, rule: "" }));
}

test("a decision, or more than a quarter, needs a word of its own", () => {
  expect(whyLarge(going("heuristic", 2), 8)).toBeNull();
  expect(whyLarge(going("heuristic", 3), 8)).toContain("more than a quarter");
  expect(whyLarge(going("decision", 1), 100)).toContain("decision");
});

test("what nobody confirmed for half a year is worth a look, unless it is pinned", () => {
  const uses = new Map([["used", [use({})]]]);

  const aging = agingRecords(
    records({ old: {}, used: {}, pinned: { pinned: true }, fresh: { recordedAt: NOW } }),
    { uses, now: NOW },
  );

  expect(aging.map(({ id }) => id)).toEqual(["old"]);
});
