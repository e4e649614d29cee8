import { expect, test } from "vitest";
import {
  erasedDecision,
  gateOfFile,
  isLargeErasure,
  wordsFor,
} from "#runner/core/memory/memory-erasure.ts";
import { addedTo } from "#runner/core/memory/memory-tombstone.ts";
import { whyLargeErasure } from "#runner/loop/survey-traces.ts";
import type { MemoryTombstone } from "#runner/schema/types.gen.ts";

test("somebody is known by the subject, its last part as it is spoken, and what else is said", () => {
  expect(wordsFor("client/acme-gmbh", ["Acme "])).toEqual([
    "client/acme-gmbh",
    "client/acme-gmbhs",
    "acme-gmbh",
    "acme-gmbhs",
    "acme gmbh",
    "acme gmbhs",
    "Acme",
    "Acmes",
  ]);
});

test.each([
  [20, 20, false],
  [21, 84, false],
  [21, 83, true],
  [5000, 6000, true],
])("%i of %i contents: too much without a word of its own? %s", (going, total, isLarge) => {
  const digests = Array.from({ length: going }, (_, at) => `sha256:${at}`);

  expect(isLargeErasure(going, total)).toBe(isLarge);
  expect(whyLargeErasure([{ month: "2026-03", digests, needed: [], total }]) !== null).toBe(
    isLarge,
  );
});

test("of a decision its front matter stays, and nothing of what it said", () => {
  const text = "---\ndecision: approved\ngate: a-1\n---\n\n# Remind Bo\n\n---\nBo owes 5 EUR.\n";

  expect(erasedDecision(text, "2026-11-26T09:00:00.000Z")).toBe(
    "---\ndecision: approved\ngate: a-1\n---\n\nErased on 2026-11-26.\n",
  );
});

test.each([
  ["memory/shop/decisions/a-1/note.yaml", { gate: "a-1", name: "note.yaml" }],
  ["memory/shop/fact/a.md", undefined],
  ["projects/shop/decisions/a-1/note.yaml", undefined],
])("%s is what a gate has left: %j", (path, place) => {
  expect(gateOfFile(path)).toEqual(place);
});

test("a tombstone keeps what it named when more goes with it, and is written only for something new", () => {
  const said = { at: "2026-11-26T09:00:00.000Z", by: "ada@northwind.example", reason: "asked to" };
  const about = (...blobs: string[]): MemoryTombstone => ({
    subject: "client/bo",
    blobs,
    ...said,
  });
  const record = (blob: string): MemoryTombstone => ({ id: "mem_b", blob, ...said });

  expect(addedTo(undefined, about())).toEqual({ subject: "client/bo", ...said });
  expect(addedTo(about("b"), about("a"))).toEqual(about("a", "b"));
  expect(addedTo(about("a", "b"), about("a"))).toBeNull();
  expect(addedTo(about("a"), about())).toBeNull();
  expect(addedTo(record("a"), record("a"))).toBeNull();
  // A record that came back under its id with other words.
  expect(addedTo(record("a"), record("b"))).toEqual({ ...record("b"), blobs: ["a"] });
});
