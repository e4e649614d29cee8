import { expect, test } from "vitest";
import { notificationsOf, tellingsOf, type Noticed } from "#runner/core/notification.ts";
import type { Notify } from "#runner/schema/types.gen.ts";
import { EMPTY, live, NOW, observed, project, workspace } from "../support/core-builders.ts";
import { ADA, openGate } from "../support/core-records.ts";

function noticed(changes: Partial<Noticed> = {}): Noticed {
  return {
    workspace: workspace([project()]),
    observed: EMPTY,
    holds: [],
    failed: [],
    now: NOW,
    ...changes,
  };
}

const DOUBT = {
  base: "sha256:aa",
  ordinal: 1,
  onceKey: "mail/ann",
  agent: "mailer",
  run: "chase.a",
  step: "send",
  item: null,
  since: NOW,
  reason: "it was cut off",
};
const HOLD = {
  project: "shop",
  subject: "goal:paid",
  why: "5 runs",
  unblock: "",
  until: null,
} as const;

test.each<[string, Partial<Noticed>, readonly string[]]>([
  ["nothing", {}, []],
  [
    "a gate",
    {
      observed: {
        ...EMPTY,
        gates: new Map([["g", openGate({ id: "g", title: "Send\n\u202Ethem" })]]),
      },
    },
    ["gate-opened/g: Send them (shop)"],
  ],
  [
    "an effect in doubt",
    { observed: observed([live({ uncertain: [DOUBT] })]) },
    ["uncertain/sha256:aa/1: mail/ann is in doubt"],
  ],
  [
    "a project that keeps its last good version",
    { workspace: workspace([project()], { invalid: new Map([["shop", "a typo"]]) }) },
    [expect.stringMatching(/^stalled\/shop\/\w{12}: shop keeps/u)],
  ],
  [
    "a goal that is not met",
    {
      holds: [
        { ...HOLD, reason: "goal-stalled" },
        { ...HOLD, reason: "cooldown" },
      ],
    },
    ["stalled/shop/goal:paid: shop/goal:paid is stalled"],
  ],
  [
    "a run that failed",
    { failed: [{ of: "shop/chase", id: "chase.a", endedAt: NOW, reason: "no" }] },
    ["failed/chase.a: shop/chase failed"],
  ],
  [
    "a stop",
    {
      observed: { ...EMPTY, requests: [{ id: "s1", kind: "stop", by: ADA, reason: "", at: NOW }] },
    },
    ["stopped/s1: everything is stopped"],
  ],
])("there is %s to tell", (_, changes, words) => {
  const found = notificationsOf(noticed(changes)).map(({ key, title }) => `${key}: ${title}`);

  expect(found).toEqual(words);
});

const STOPPED = { on: "stopped", key: "stopped/s1", title: "", text: "" } as const;
const NIGHT: Notify = {
  on: ["stopped"],
  to: "https://a.example/",
  quiet: { from: "22:00", to: "07:00" },
};

test.each<[string, Notify, string, boolean, boolean]>([
  ["another topic", { on: ["failed"], to: "https://a.example/" }, NOW, false, false],
  ["by day", NIGHT, "2026-11-22T12:00:00.000Z", true, false],
  ["at night, by the clock of the workspace", NIGHT, "2026-11-22T21:30:00.000Z", false, true],
  ["early in the morning", NIGHT, "2026-11-22T05:59:00.000Z", false, true],
  ["at the end of the night", NIGHT, "2026-11-22T06:00:00.000Z", true, false],
])("a word about a stop %s", (_, notify, now, isDue, isDeferred) => {
  const settings = { ...workspace([]).settings, timezone: "Europe/Berlin", notify: [notify] };

  const found = tellingsOf({ settings }, [STOPPED], { told: new Set(), now });

  expect([found.due.length === 1, found.isDeferred]).toEqual([isDue, isDeferred]);
});

test("what was told is not told again, and each place is told by itself", () => {
  const other: Notify = { on: ["stopped"], to: "https://b.example/" };
  const settings = { ...workspace([]).settings, notify: [NIGHT, other] };
  const first = tellingsOf({ settings }, [STOPPED], { told: new Set(), now: NOW });
  const told = new Set(first.due.slice(0, 1).map(({ id }) => id));

  const second = tellingsOf({ settings }, [STOPPED], { told, now: NOW });

  expect(first.due).toHaveLength(2);
  expect(second.due.map(({ notify }) => notify.to)).toEqual(["https://b.example/"]);
  expect([...second.ids].some((id) => id.includes("example"))).toBe(false);
});
