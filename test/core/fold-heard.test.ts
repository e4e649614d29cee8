import { expect, test } from "vitest";
import { foldHeard, isHeard, withoutClosed } from "#runner/core/fold/fold-heard.ts";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import type { EventOf } from "#runner/core/ledger-event.ts";

const NONE = NO_SUMMARIES.workspace;

function asked(id: number, gates: readonly string[]): EventOf<"request-made"> {
  const event = { kind: "request-made", at: "2026-03-02T09:00:00.000Z", project: "shop" } as const;
  return {
    ...event,
    request: `stop-comment-${id}`,
    by: "ada",
    asks: "stop",
    comment: { id, gates },
  };
}

function isOpen(gate: string): boolean {
  return gate !== "closed";
}

test("A comment that has asked is known under each open gate that it stands under, until they are closed.", () => {
  const one = foldHeard(NONE, asked(7, ["a", "b", "closed"]), isOpen);
  const two = foldHeard(one, asked(9, ["b"]), isOpen);

  expect(two.heard).toEqual({ a: [7], b: [7, 9] });
  expect([isHeard(two, ["a"], 7), isHeard(two, ["a"], 9), isHeard(two, ["a", "b"], 9)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(withoutClosed(two, (gate) => gate === "b").heard).toEqual({ b: [7, 9] });
  expect(withoutClosed(two, () => false)).toEqual(NONE);
});

test("A comment that lets go on what was stopped is known, too.", () => {
  const { at, project, request, comment } = asked(8, ["a"]);
  const lifted = { kind: "request-settled", at, project, request, reason: "goes on" } as const;

  expect(foldHeard(NONE, { ...lifted, ...(comment && { comment }) }, isOpen).heard).toEqual({
    a: [8],
  });
  expect(foldHeard(NONE, lifted, isOpen)).toBe(NONE);
});

test("What was asked for elsewhere, or under no open gate, leaves nothing behind.", () => {
  const { comment: _, ...plain } = asked(7, ["a"]);

  expect(foldHeard(NONE, plain, () => true)).toBe(NONE);
  expect(foldHeard(NONE, asked(7, ["a"]), () => false)).toBe(NONE);
  expect(isHeard(NONE, ["a"], 7)).toBe(false);
});
