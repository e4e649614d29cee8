import { expect, test } from "vitest";
import { digestOf } from "#runner/core/canonical-json.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { PayloadDraft, transaction } from "#runner/core/transaction.ts";

const event: LedgerEvent = { kind: "project-removed", at: "", project: "nobody" };

test("a payload is cited by the digest of its canonical text and the month", () => {
  const draft = new PayloadDraft("2026-11-22T10:00:00.000Z");
  const citation = draft.addValue({ b: 1, a: 2 });

  expect(citation).toEqual({ digest: digestOf({ a: 2, b: 1 }), month: "2026-11" });
  expect(draft.blobs).toEqual([
    { ...citation, content: new TextEncoder().encode('{"a":2,"b":1}') },
  ]);
  expect(draft.values.get(citation.digest)).toEqual({ b: 1, a: 2 });
  expect(draft.addBytes(new Uint8Array([1])).digest).toBe(draft.blobs[1]?.digest);
});

test("a transaction without files, payload or change has none", () => {
  expect(transaction({ event })).toEqual({
    event,
    files: new Map(),
    texts: new Map(),
    payload: [],
    values: new Map(),
    change: { kind: "none" },
  });
});
