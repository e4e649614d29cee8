import { expect, test } from "vitest";
import { planDrops } from "#runner/core/payload-retention.ts";
import { burialOf, withDropped } from "#runner/core/payload-tombstones.ts";

const NOW = "2026-06-15T08:00:00.000Z";
const PERIOD = { shortTerm: "60d" };

interface Given {
  readonly months: readonly string[];
  readonly needs?: Readonly<Record<string, string | null>>;
}

function observed({ months, needs }: Given): Parameters<typeof planDrops>[0] {
  return {
    payload: new Map(months.map((month) => [month, `head of ${month}`])),
    payloadNeeds: new Map(Object.entries(needs ?? {})),
  };
}

const IDLE = { others: [], now: NOW };
const FREE = { "2026-03": null };

test.each([
  ["a month that is old enough", { months: ["2026-03"], needs: FREE }, ["2026-03"]],
  ["a month of which one day is younger", { months: ["2026-04"], needs: { "2026-04": null } }, []],
  ["a month that a run needs", { months: ["2026-03"], needs: { "2026-03": "run a" } }, []],
  ["a month of which nobody knows who needs it", { months: ["2026-03"] }, []],
])("retention drops %s: %j, %j", (_, given, dropped) => {
  const { actions } = planDrops(observed(given), PERIOD, IDLE);

  expect(actions.map(({ month }) => month)).toEqual(dropped);
});

test("who needs a month is asked, then told; and when the next one is old enough", () => {
  const months = ["2026-03", "2026-05"];

  const unknown = planDrops(observed({ months }), PERIOD, IDLE);
  const needed = planDrops(observed({ months, needs: { "2026-03": "run a" } }), PERIOD, IDLE);

  expect(unknown.wants).toEqual([{ kind: "payload-need", month: "2026-03", since: "2026-06-08" }]);
  expect(needed).toMatchObject({
    holds: [
      { subject: "payload:2026-03", why: expect.stringContaining("run a needs some of them") },
    ],
    wake: "2026-08-01T00:00:00.000Z",
  });
});

test("nothing goes without a rule, nor while there is other work", () => {
  const given = observed({ months: ["2026-03"], needs: FREE });
  const other = {
    kind: "request-settle",
    project: "",
    because: "",
    request: "a",
    reason: "",
  } as const;

  expect(planDrops(given, undefined, IDLE).actions).toEqual([]);
  expect(planDrops(given, { shortTerm: "keep" }, IDLE).actions).toEqual([]);
  expect(planDrops(given, PERIOD, { ...IDLE, others: [other] }).actions).toEqual([]);
});

test("more than three months at once wait for a person's word", () => {
  const months = ["2025-12", "2026-01", "2026-02", "2026-03"];
  const given = observed({ months, needs: Object.fromEntries(months.map((one) => [one, null])) });

  const held = planDrops(given, PERIOD, IDLE);
  const allowed = planDrops(given, PERIOD, { ...IDLE, allowLarge: true });

  expect([held.actions, held.holds.map(({ reason }) => reason)]).toEqual([[], ["payload-large"]]);
  expect(allowed.actions).toHaveLength(4);
});

test("what was taken from a month is added to what was taken before", () => {
  const place = { month: "2026-03", from: "a", head: "b" };
  const first = { ...place, at: "2026-04-01T00:00:00.000Z", rule: "asked to", digests: ["one"] };
  const erased = withDropped(null, first);
  const dropped = withDropped(erased, {
    ...first,
    at: NOW,
    rule: "60d",
    digests: null,
    head: null,
  });

  expect(burialOf(erased, "one")?.rule).toBe("asked to");
  expect(burialOf(erased, "two")).toBeUndefined();
  expect(burialOf(dropped, "one")?.rule).toBe("asked to");
  expect(burialOf(dropped, "two")?.rule).toBe("60d");
  expect(withDropped(erased, { ...first, digests: ["two", "one"] }).removed).toHaveLength(2);
});
