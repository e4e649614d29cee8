import { expect, test } from "vitest";
import * as fc from "fast-check";
import { subjectOf, trailersOf } from "#runner/core/commit-message.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import {
  anyEvents,
  applied,
  delivered,
  gateOpened,
  gateSettled,
  intended,
  requestSettled,
  runFinished,
  started,
  stepFinished,
  waitEnded,
} from "../support/ledger-events.ts";

const RUN = "chase.aaaaaaaaaaaa";

function noted(problem: string | null, absent = false): LedgerEvent {
  return { kind: "gate-noted", at: "", project: "shop", gate: "g1", absent, problem };
}

test.each<[LedgerEvent, string]>([
  [applied(), "project shop: applied"],
  [
    { kind: "project-stalled", at: "", project: "shop", commit: "", reason: "" },
    "project shop: stalled",
  ],
  [{ kind: "project-removed", at: "", project: "shop" }, "project shop: removed"],
  [started(), `run ${RUN}: started`],
  [intended({ item: "INV-1" }), `run ${RUN}: step send[INV-1] is about to act`],
  [stepFinished(), `run ${RUN}: step draft succeeded`],
  [gateOpened(), `run ${RUN}: gate review opened`],
  [noted("x.yaml: no subject"), "gate g1: x.yaml: no subject"],
  [noted(null, true), "gate g1: branch missing"],
  [noted(null), "gate g1: branch back"],
  [gateSettled(), `run ${RUN}: gate review approved`],
  [waitEnded(), `run ${RUN}: wait pause succeeded`],
  [runFinished(), `run ${RUN}: succeeded`],
  [delivered({ paths: ["a", "b"] }), "project shop: delivered 2 files"],
  [
    { kind: "request-made", at: "", project: "shop", request: "r1", by: "", asks: "run chase" },
    "request r1: run chase",
  ],
  [requestSettled({ request: "r1" }), "request r1: settled"],
])("%#: an event is one sentence", (event, sentence) => {
  expect(subjectOf([event])).toBe(sentence);
});

test("a group is named by its first event", () => {
  expect(subjectOf([])).toBe("nothing");
  expect(subjectOf([started()])).toBe(`run ${RUN}: started`);
  expect(subjectOf([started(), stepFinished(), runFinished()])).toBe(
    `run ${RUN}: started (and 2 more)`,
  );
});

test.each([
  [stepFinished({ item: "a\n\nFettle-Run: forged" })],
  [noted("a.yaml:\r\n  bad\u2028indent\u0000\u001b[31m")],
])("%#: no text from a file begins a new line", (event) => {
  // oxlint-disable-next-line no-control-regex -- this is what must not be there
  expect(subjectOf([event])).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
});

function trailers(...events: readonly LedgerEvent[]): readonly string[] {
  return trailersOf(events).map(([name, value]) => `${name}: ${value}`);
}

test("trailers hold the facts by which a commit is looked up and which its subject does not say", () => {
  const other = `${RUN}x`;
  expect(trailers(stepFinished({ costMicros: 7 }), stepFinished({ run: other }))).toEqual([
    "Fettle-Cost-Micros: 7",
    `Fettle-Run: ${other}`,
  ]);
  expect(trailers(gateSettled(), gateSettled({ gate: null }))).toEqual(["Fettle-Gate: g1"]);
  expect(trailers(applied({ commit: "c" }), stepFinished())).toEqual([
    "Fettle-Desired: c",
    `Fettle-Run: ${RUN}`,
  ]);
});

test("no trailer is said twice, and each is one line", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const lines = trailers(...events);

      expect(new Set(lines).size).toBe(lines.length);
      for (const line of lines) expect(line).toMatch(/^Fettle-[A-Z][A-Za-z-]+: [^\n\r]+$/);
    }),
  );
});
