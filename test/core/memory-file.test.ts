import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { renderMemoryFile, storedMemory } from "#runner/core/memory/memory-file.ts";
import { frontMatter, readManifest } from "#runner/schema/manifest.ts";
import type { MemoryRecord } from "#runner/schema/types.gen.ts";

const record: MemoryRecord = {
  id: "mem_7k3q9d2m5x8c1v4b",
  kind: "decision",
  subject: "vendor/acme",
  attribute: "payment-terms",
  source: {
    run: "chase-invoices.000000000000",
    step: "draft",
    agent: "finance@3.0.0",
    evidence: ["a: b"],
  },
  trust: "internal",
  confidence: 0.8,
  recordedAt: "2026-11-22T19:40:00.000Z",
  validFrom: "2026-11-01",
  supersedes: ["mem_0000000000000000"],
  tags: ["no", "true", "12"],
  ttl: "180d",
  pinned: false,
};

test("a record is written as front matter that a person can read", () => {
  expect(renderMemoryFile(record, "Acme pays net 14.\n")).toMatchInlineSnapshot(`
    "---
    id: mem_7k3q9d2m5x8c1v4b
    kind: decision
    subject: vendor/acme
    attribute: payment-terms
    source: { run: chase-invoices.000000000000, step: draft, agent: finance@3.0.0, evidence: ["a: b"] }
    trust: internal
    confidence: 0.8
    recordedAt: "2026-11-22T19:40:00.000Z"
    validFrom: "2026-11-01"
    supersedes: [mem_0000000000000000]
    tags: ["no", "true", "12"]
    ttl: "180d"
    pinned: false
    ---
    Acme pays net 14.
    "
  `);
});

test("what is written is valid against the schema of memory records", () => {
  const text = renderMemoryFile(record, "Acme pays net 14.");

  const { value, violations } = readManifest("memory", "memory/org/decision/2026-11/a.md", text);

  expect(violations).toEqual([]);
  expect(value).toEqual(record);
});

test("any text in a field is read back as it was", () => {
  const line = fc.string({ unit: "grapheme", maxLength: 60 });

  fc.assert(
    fc.property(line, line, fc.array(line), (subject, attribute, tags) => {
      const some: MemoryRecord = {
        kind: "fact",
        subject,
        attribute,
        tags,
        source: { agent: subject },
      };
      const parts = frontMatter(renderMemoryFile(some, "---\nbody\n---"));

      expect(parse(parts?.yaml ?? "")).toEqual(some);
      expect(parts?.body.trim()).toBe("---\nbody\n---");
    }),
  );
});

test.each([
  ["---\nkind: fact\n---\nbody\n", { yaml: "\nkind: fact", body: "body\n" }],
  ["\uFEFF---\r\nkind: fact\r\n---\r\nbody\r\n", { yaml: "\nkind: fact", body: "body\r\n" }],
  ["---\nkind: fact\n---", { yaml: "\nkind: fact", body: "" }],
  ["no front matter", undefined],
  ["---\nkind: fact\n", undefined],
])("%j has these parts", (text, parts) => {
  expect(frontMatter(text)).toEqual(parts);
});

test("a record written by hand gets its id from its path and the operator's trust", () => {
  const file = {
    path: "memory/org/fact/2026-10/tone.md",
    blob: "b1",
    record: { kind: "fact", subject: "tone" },
    body: "\nBe kind.\n",
  } as const;

  const stored = storedMemory(file);

  expect(stored).toEqual({
    id: expect.stringMatching(/^mem_[0-9a-z]{16}$/),
    namespace: "org",
    path: file.path,
    blob: "b1",
    record: { kind: "fact", subject: "tone", id: stored.id, trust: "operator" },
    text: "Be kind.",
  });
  expect(storedMemory({ ...file, body: "edited", blob: "b2" }).id).toBe(stored.id);
});

test("a record of a run never passes for the operator's", () => {
  const byAgent = { kind: "fact", subject: "a", source: { run: "a.000000000000" } } as const;

  expect(
    storedMemory({ path: "memory/a/fact/x.md", blob: "b", record: byAgent, body: "" }).record.trust,
  ).toBe("internal");
});
