import { expect, test } from "vitest";
import { displayWidth } from "#runner/report/width.ts";
import { renderMemoryList } from "#runner/report/memory-text.ts";
import { look } from "./example.ts";

const RECORD = {
  id: "mem_7k3q9d2m5x8c1v4b",
  namespace: "collections",
  path: "memory/collections/fact/a.md",
  blob: "b",
  record: { kind: "fact", subject: "client/acme-gmbh", attribute: "payment-terms" },
  text: "Acme pays net 14 from November on, which was agreed by mail and holds for a year.",
  standing: { kind: "superseded", by: "mem_aaaabbbbccccdddd" },
  isPending: false,
} as const;

test.each([50, 60, 80, 100, 130])("a list fits %i columns, with what names a record", (width) => {
  const text = renderMemoryList([RECORD], { ...look, isNarrow: true, width });

  const widths = text.split("\n").map(displayWidth);
  expect(Math.max(...widths)).toBeLessThanOrEqual(width);
  expect(text).toContain("7k3q9d2m");
});

test("in a file or pipe nothing is cut", () => {
  const text = renderMemoryList([RECORD], { ...look, isNarrow: false, width: 60 });

  expect(text).toContain("mem_7k3q9d2m5x8c1v4b  collections  fact");
  expect(text).toContain("superseded by mem_aaaabbbbccccdddd");
});
