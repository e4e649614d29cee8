import { expect, test } from "vitest";
import {
  meantToForget,
  tombstonePaths,
  tombstonesFor,
  type ForgetWish,
} from "#runner/core/memory/memory-forgetting.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { tombstonePath } from "#runner/core/memory/memory-tombstone.ts";
import type { MemoryTombstone } from "#runner/schema/types.gen.ts";

const SAID = { at: "2026-11-23T10:00:00.000Z", by: "ada@northwind.example", reason: "asked to" };

function stored(id: string, subject: string): StoredMemory {
  const path = `memory/shop/facts/${id}.md`;
  const record = { kind: "fact", subject, id, trust: "operator" } as const;
  return { id, namespace: "shop", path, blob: id.at(-1)?.repeat(40) ?? "", record, text: id };
}

const ACME = stored("mem_acme1", "client/acme");
const BILLING = stored("mem_acme2", "client/acme/billing");
const TONE = stored("mem_tone3", "tone");
const RECORDS = [ACME, BILLING, TONE];
const GONE = { ids: new Set(["mem_gone4"]), subjects: ["client/bo"] };

function meant(wish: Partial<ForgetWish>) {
  return meantToForget({ id: null, subject: null, words: [], ...wish }, RECORDS, GONE);
}

test.each([
  ["a subject, with all below it", { subject: "Client/Acme" }, [ACME, BILLING], "client/acme"],
  ["a subject that is gone already", { subject: "client/bo" }, [], "client/bo"],
  [
    "what no record is about, by a word",
    { subject: "client/eve", words: ["Eve"] },
    [],
    "client/eve",
  ],
  ["a record by the start of its id", { id: "tone" }, [TONE], null],
])("%s can be meant", (_, wish, going, subject) => {
  expect(meant(wish)).toMatchObject({ ok: true, going, buried: null, subject });
});

test("a record that has gone already can be meant for what names it still", () => {
  expect(meant({ id: "gone4", words: ["Bo"] })).toEqual({
    ok: true,
    going: [],
    buried: "mem_gone4",
    subject: null,
    words: ["mem_gone4", "Bo"],
  });
});

test.each([
  ["no record is about client/acne", { subject: "client/acne" }],
  ["no record is about client acne", { subject: "client acne", words: ["Acne"] }],
  ["there is no record mem_nobody", { id: "mem_nobody" }],
  ["acme means several records", { id: "acme" }],
])("%s: nothing is meant", (message, wish) => {
  expect(meant(wish)).toMatchObject({ ok: false, message });
});

test("each record and the subject get a tombstone, and the last names what goes besides", () => {
  const going = { going: [ACME, BILLING], buried: null, subject: "client/acme" };
  const blobs = ["f".repeat(40)];

  const made = tombstonesFor(going, { ...SAID, blobs, standing: new Map() });

  expect(made.map(tombstonePath)).toEqual(tombstonePaths(going));
  expect(made.map(({ id, blobs: besides }) => [id, besides])).toEqual([
    ["mem_acme1", undefined],
    ["mem_acme2", undefined],
    [undefined, blobs],
  ]);
});

test("what says all of it already is not written again, and what is new is added to it", () => {
  const old: MemoryTombstone = { id: "mem_gone4", blob: "4".repeat(40), ...SAID, reason: "before" };
  const standing = new Map([[tombstonePath(old), old]]);
  const going = { going: [], buried: "mem_gone4", subject: null };
  const blobs = ["f".repeat(40)];

  expect(tombstonesFor(going, { ...SAID, blobs: [], standing })).toEqual([]);
  expect(tombstonesFor(going, { ...SAID, blobs, standing })).toEqual([{ ...old, blobs }]);
});
