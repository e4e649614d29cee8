import { expect, test } from "vitest";
import {
  whyNotWritten,
  withPin,
  writtenMemory,
  type MemoryEntry,
} from "#runner/core/memory/memory-entry.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";

const NOW = "2026-11-22T08:00:00.000Z";

function entry(text: string, more: Partial<MemoryEntry["proposal"]> = {}): MemoryEntry {
  const proposal = { kind: "fact", subject: "client/acme", text, ...more } as const;
  return { namespace: "shop", proposal, more: {} };
}

const KNOWN: StoredMemory = {
  id: "mem_known",
  namespace: "shop",
  path: "memory/shop/fact/known.md",
  blob: "b",
  record: { kind: "fact", subject: "client/acme", attribute: "terms" },
  text: "Acme pays net 14 from November on, as agreed by mail.",
};

test.each([
  [
    "the same text",
    entry("acme pays net 14 from November on, as agreed by mail."),
    "says the same",
  ],
  [
    "nearly the same text",
    entry("Acme pays net 14 from November on, as agreed by e mail."),
    "nearly the same",
  ],
  ["another number", entry("Acme pays net 30 from November on, as agreed by mail."), "written"],
  [
    "another number for the same question",
    entry("Acme pays net 30.", { attribute: "terms" }),
    "answers that already",
  ],
  ["something else", entry("Acme likes tea."), "written"],
  [
    "the same text elsewhere",
    { ...entry("Acme pays net 14 from November on, as agreed by mail."), namespace: "org" },
    "written",
  ],
  [
    "a new answer that replaces the old one",
    { ...entry("Net 30.", { attribute: "terms" }), more: { supersedes: ["mem_known"] } },
    "written",
  ],
])("an operator's entry with %s is judged by what is known: %j", (_, given, expected) => {
  const refusal = whyNotWritten(given, [KNOWN]);

  expect(refusal?.message ?? "written").toContain(expected);
});

test("an entry has the trust of an operator, and a name that follows from it and its instant", () => {
  const written = writtenMemory(entry("Acme likes tea."), NOW);

  expect(written).toEqual(writtenMemory(entry("Acme likes tea."), NOW));
  expect(written.path).toMatch(/^memory\/shop\/fact\/2026-11\/client-acme\.[0-9a-z]{8}\.md$/u);
  expect(written.file).toContain("trust: operator");
  expect(written.file).toMatch(/---\nAcme likes tea\.\n$/u);
});

test.each([
  [
    "---\nkind: fact\nsubject: a\n---\nText\n",
    true,
    "---\nkind: fact\nsubject: a\npinned: true\n---\nText\n",
  ],
  [
    "---\nkind: fact\npinned: true\nsubject: a\n---\nText\n",
    false,
    "---\nkind: fact\nsubject: a\n---\nText\n",
  ],
  [
    "---\nkind: fact\npinned: false\n---\npinned: no\n",
    true,
    "---\nkind: fact\npinned: true\n---\npinned: no\n",
  ],
  ["no front matter", true, null],
])("pinning changes one line of a file: %j %s", (file, pinned, expected) => {
  expect(withPin(file, pinned)).toBe(expected);
});
