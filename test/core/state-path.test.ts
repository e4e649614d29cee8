import { expect, test } from "vitest";
import * as fc from "fast-check";
import {
  attemptPath,
  closedRunPath,
  decisionPath,
  eventsPath,
  gateFolder,
  gatePath,
  inventoryPath,
  livePath,
  payloadPath,
  receiptPath,
  requestPath,
  runPath,
  statsPath,
} from "#runner/core/state-path.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;
const HEX = "ab".repeat(32);

test.each([
  [livePath("shop"), "live/shop.json"],
  [inventoryPath("shop"), "inventory/shop.json"],
  [statsPath("mailer"), "stats/mailer.json"],
  [runPath("chase.x"), "open/chase.x/run.json"],
  [attemptPath("chase.x", { step: "find", item: null }, 2), "open/chase.x/find.2.json"],
  [attemptPath("chase.x", { step: "draft", item: "inv-1" }, 1), "open/chase.x/draft.inv-1.1.json"],
  [decisionPath("chase.x", "review"), "open/chase.x/review.gate.json"],
  [closedRunPath("chase.x", "2026-11-22T23:59:59.999Z"), "runs/2026-11-22/chase.x.json"],
  [gatePath("chase-1"), "gates/chase-1.json"],
  [requestPath("r1"), "requests/r1.json"],
  [receiptPath(DIGEST), `once/ab/${HEX}.json`],
  [payloadPath(DIGEST), `ab/${HEX}`],
  [eventsPath("2026-11-22T09:59:00.000Z", DIGEST), `events/2026-11-22/09/${HEX.slice(0, 24)}.json`],
  [gateFolder("shop", "chase-1"), "memory/shop/decisions/chase-1"],
])("%s", (path, expected) => {
  expect(path).toBe(expected);
});

test("whatever an item is called, its attempts stay in the run's folder and apart from every other file", () => {
  const unit = fc.record({
    step: fc.constantFrom("draft", "run", "gate"),
    item: fc.option(fc.string()),
  });

  fc.assert(
    fc.property(unit, unit, fc.integer({ min: 1, max: 20 }), (one, other, number) => {
      const path = attemptPath("chase.x", one, number);

      expect(path).toMatch(/^open\/chase\.x\/[A-Za-z0-9.-]+\.json$/);
      expect([runPath("chase.x"), decisionPath("chase.x", one.step)]).not.toContain(path);
      fc.pre(one.step !== other.step || one.item !== other.item);
      expect(attemptPath("chase.x", other, number)).not.toBe(path);
    }),
  );
});
