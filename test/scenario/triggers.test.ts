import { expect, test } from "vitest";
import { agent, noteCompany, pipeline, settings } from "../support/company.ts";
import { reasons } from "../support/mail-shop.ts";
import { made, Rehearsal } from "../support/rehearsal.ts";

const NOTE = "projects/shop/notes.csv";

/** Started on Monday, 2 March 2026, at ten in the morning in Berlin. */
async function scheduled(schedule: Readonly<Record<string, unknown>>): Promise<Rehearsal> {
  const files = {
    ...noteCompany({ schedule }),
    ...settings({ timezone: "Europe/Berlin", schedules: { sweep: "15m" } }),
  };
  const shop = new Rehearsal({ files, plays: { scribe: () => ({}) } });
  await shop.tick();
  return shop;
}

function slots({ calls }: Rehearsal): readonly string[] {
  return calls.map(({ asOf }) => asOf ?? "");
}

test("A schedule starts a run at its time in the workspace's time zone, once, and not before.", async () => {
  const shop = await scheduled({ cron: "0 8 * * *" });
  shop.travel("2026-03-03T06:59:59.000Z");
  const early = await shop.tick();
  expect(slots(shop)).toEqual([]);
  expect(early.plan?.nextWake).toBe("2026-03-03T07:00:00.000Z");

  shop.travel("2026-03-03T07:00:00.000Z");
  await shop.tick();
  await shop.tick();

  expect(slots(shop)).toEqual(["2026-03-03T07:00:00.000Z"]);
});

test.each([
  ["latest", ["2026-03-06T07:00:00.000Z"]],
  [
    "all",
    [
      "2026-03-03T07:00:00.000Z",
      "2026-03-04T07:00:00.000Z",
      "2026-03-05T07:00:00.000Z",
      "2026-03-06T07:00:00.000Z",
    ],
  ],
  ["skip", []],
])("After days without a tick catchUp: %s starts what it promises.", async (catchUp, expected) => {
  const shop = await scheduled({ cron: "0 8 * * *", catchUp });
  shop.travel("2026-03-06T12:00:00.000Z");

  await shop.tick();
  await shop.tick();

  expect(slots(shop)).toEqual(expected);
});

test("A clock that was set back starts nothing a second time.", async () => {
  const shop = await scheduled({ cron: "0 8 * * *" });
  shop.travel("2026-03-04T12:00:00.000Z");
  await shop.tick();

  shop.travel("2026-03-03T12:00:00.000Z");
  await shop.tick();

  expect(slots(shop)).toEqual(["2026-03-04T07:00:00.000Z"]);
});

test("A file that the operator changes starts a run; what the run itself delivers there does not.", async () => {
  const files = noteCompany({ changes: ["notes.csv"] });
  let written = 0;
  const scribe = (): ReturnType<typeof made> => made(NOTE, `line ${(written += 1)}\n`);
  const shop = new Rehearsal({ files, plays: { scribe } });
  await shop.tick();
  expect(shop.calls).toHaveLength(0);

  shop.operator.commit({ [NOTE]: "by hand\n" });
  await shop.tick();
  await shop.tick();
  expect(shop.text(NOTE)).toBe("line 1");
  expect(shop.calls).toHaveLength(1);

  shop.operator.commit({ "projects/shop/other.csv": "not watched\n" });
  await shop.tick();
  expect(shop.calls).toHaveLength(1);

  shop.operator.commit({ [NOTE]: "by hand again\n" });
  await shop.tick();
  expect(shop.calls).toHaveLength(2);
});

test("What another pipeline delivers to a watched file starts the run that watches it.", async () => {
  const files = {
    ...noteCompany(),
    ...agent("reader"),
    ...pipeline("shop/read", [{ id: "read", agent: "reader" }], {
      triggers: { changes: ["notes.csv"] },
    }),
  };
  const plays = { scribe: () => made(NOTE, "new\n"), reader: () => ({}) };
  const shop = new Rehearsal({ files, plays });
  await shop.request("shop/note");

  await shop.tick();
  await shop.tick();

  expect(shop.called).toEqual(["scribe", "reader"]);
});

test("A request runs with the parameters that are given, and the defaults of the others.", async () => {
  const params = { days: { type: "integer", default: 7 }, who: { type: "string", default: "all" } };
  const steps = [
    {
      id: "write",
      agent: "scribe",
      with: { days: "${{ params.days }}", who: "${{ params.who }}" },
    },
  ];
  const files = { ...noteCompany(), ...pipeline("shop/note", steps, { params }) };
  const shop = new Rehearsal({ files, plays: { scribe: () => ({}) } });

  await shop.request("shop/note", { days: 3 });
  await shop.tick();

  expect(shop.calls.map(({ inputs }) => inputs)).toEqual([{ days: 3, who: "all" }]);
});

test.each([{ days: "three" }, { dayz: 3 }])(
  "A request with parameters that do not fit (%o) is refused and forgotten.",
  async (given) => {
    const params = { days: { type: "integer", default: 7 } };
    const steps = [{ id: "write", agent: "scribe", with: { days: "${{ params.days }}" } }];
    const files = { ...noteCompany(), ...pipeline("shop/note", steps, { params }) };
    const shop = new Rehearsal({ files, plays: { scribe: () => ({}) } });

    await shop.request("shop/note", given);
    await shop.tick();

    expect(shop.calls).toEqual([]);
    expect((await shop.look()).observed.requests).toEqual([]);
  },
);

test("A run sees what the last one that succeeded left, and a failed one leaves it as it was.", async () => {
  const steps = [{ id: "read", agent: "scribe", with: { after: "${{ previous.cursor }}" } }];
  const outputs = { cursor: { value: "${{ steps.read.outputs.cursor }}", initial: "start" } };
  const schema = {
    type: "object",
    properties: { cursor: { type: "string" } },
    required: ["cursor"],
  };
  const files = {
    ...noteCompany(),
    ...agent("scribe", { outputs: schema }),
    ...pipeline("shop/note", steps, { outputs }),
  };
  const shop = new Rehearsal({ files });
  const results = [
    { outputs: { cursor: "one" } },
    { outcome: "missing-data", outputs: null },
    { outputs: { cursor: "two" } },
  ] as const;
  shop.plays["scribe"] = () => results[shop.calls.length - 1] ?? {};

  for (const _ of results) {
    await shop.request("shop/note");
    await shop.tick();
  }

  expect(shop.calls.map(({ inputs }) => inputs["after"])).toEqual(["start", "one", "one"]);
});

test("A second request waits until the first run is over.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe: () => ({}) } });
  await shop.request("shop/note");
  await shop.request("shop/note");

  const tick = await shop.tick();

  expect(reasons(tick)).toEqual([]);
  expect(shop.closedRuns().map(({ result }) => result)).toEqual(["succeeded", "succeeded"]);
});

test("A request for a pipeline that is gone is refused and forgotten.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe: () => ({}) } });
  await shop.tick();
  await shop.request("shop/nothing");

  await shop.tick();

  expect((await shop.look()).observed.requests).toEqual([]);
});
