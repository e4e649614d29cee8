import { expect, test } from "vitest";
import { planDelivery } from "#runner/core/delivery.ts";
import { decidedRecords, dueReview, MEMORY_REVIEW } from "#runner/core/memory/memory-review.ts";
import { runBase } from "#runner/core/run-base.ts";
import { live, project, projectContext } from "../support/core-builders.ts";
import { openGate, pending } from "../support/core-records.ts";

const NOW = "2026-11-22T10:00:00.000Z";
const ONE = "memory/collections/decision/2026-11/one.md";
const TWO = "memory/collections/decision/2026-11/two.md";
const PLAIN = "memory/collections/fact/2026-11/plain.md";
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

const proposed = (path: string, letter: string): ReturnType<typeof pending> =>
  pending(path, {
    memory: true,
    asks: { digest: digest(letter), why: "it is a decision", says: path },
  });

const WAITING = live({
  pending: [proposed(ONE, "a"), proposed(TWO, "b"), pending(PLAIN, { memory: true })],
});

test("what waits for an operator is neither delivered nor part of what a run begins with", () => {
  const mainBlobs = new Map([[PLAIN, null]]);
  const context = projectContext(project(), { live: WAITING, mainBlobs });

  const { actions } = planDelivery(context);

  expect(actions).toMatchObject([{ kind: "deliver", paths: [PLAIN] }]);
  expect(runBase("c", WAITING).overlay.map(({ path }) => path)).toEqual([PLAIN]);
});

test("a gate is due once the run that proposed is over, under a name that follows from what it shows", () => {
  const [run = ""] = WAITING.pending.map((file) => file.run);

  expect(dueReview(WAITING, NOW)).toMatchObject({ trigger: { kind: "memory", records: 2 } });
  expect(dueReview({ ...WAITING, openRuns: [run] }, NOW)).toBeNull();
  expect(dueReview(live(), NOW)).toBeNull();
  const later = dueReview(WAITING, "2026-11-23T10:00:00.000Z");
  expect(later?.slot).toBe(dueReview(WAITING, NOW)?.slot);
});

test.each([
  ["approved", { [ONE]: "blob" }, [digest("b")]],
  ["rejected", {}, [digest("a"), digest("b")]],
  ["withdrawn", {}, []],
] as const)(
  "of a gate that is %s with %j, what did not come is refused: %j",
  (decision, files, refused) => {
    const gate = openGate({
      pipeline: MEMORY_REVIEW,
      deliverables: WAITING.pending.filter(({ asks }) => asks !== undefined).map(deliverableOf),
    });

    expect(decidedRecords({ decision, files }, gate.record, WAITING)).toEqual({
      paths: [ONE, TWO],
      refused,
    });
  },
);

function deliverableOf({ path, content, blob, was, bytes }: ReturnType<typeof pending>): {
  path: string;
  content: typeof content;
  blob: string;
  was: string | null;
  bytes: number;
} {
  return { path, content, blob, was, bytes };
}
