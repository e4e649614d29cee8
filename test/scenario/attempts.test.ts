import { expect, test } from "vitest";
import { addMs, msBetween } from "#runner/core/time/instant.ts";
import type { Tick } from "#runner/loop/tick-end.ts";
import { agent, noteCompany, pipeline, project, settings } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository } from "../support/git-repo.ts";
import { reasons } from "../support/mail-shop.ts";
import { made, type Play, Rehearsal } from "../support/rehearsal.ts";

const NOTE = "projects/shop/note.md";
const DAY_MS = 86_400_000;

const crash: Play = () => ({ outcome: "crashed", reason: "exit code 1", outputs: null });
const writes: Play = () => made(NOTE, "done\n");

function limited(retryAfterMs: number): Play {
  return () => ({ outcome: "rate-limited", reason: "HTTP 429", outputs: null, retryAfterMs });
}

/** Two runners with a clone each of one origin; the first has begun the run. */
async function twoRunners(
  scribe: Play,
  files = noteCompany(),
): Promise<{ first: Rehearsal; second: Rehearsal; tick: Tick }> {
  const operator = makeRepository();
  operator.commit(files, "Start the company");
  const origin = addOrigin(operator);
  const first = new Rehearsal({ files: {}, operator, plays: { scribe } });
  await first.request("shop/note");
  const tick = await first.tick();
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: { scribe: writes } });
  return { first, second, tick };
}

function wakeOf({ plan }: Tick): string {
  return plan?.nextWake ?? "";
}

test("A step that is rate-limited is parked for days, by nobody in particular; another clone resumes it when its time has come.", async () => {
  const { first, second, tick } = await twoRunners(limited(3 * DAY_MS));

  expect(tick.end).toEqual({ kind: "settled" });
  expect(tick.holds).toMatchObject([
    {
      subject: expect.stringMatching(/^step:note\..*\/write$/),
      reason: "rate-limited",
      why: "attempt 1 ended rate-limited: HTTP 429",
      until: wakeOf(tick),
    },
  ]);
  expect(msBetween("2026-03-05T09:00:00.000Z", wakeOf(tick))).toBeLessThan(1000);
  const { observed } = await first.look();
  expect(observed.runners.flatMap(({ runs }) => [...runs])).toEqual([]);

  second.travel(addMs(wakeOf(tick), -5));
  const early = await second.tick();
  expect(early).toMatchObject({ booked: 0 });
  expect(reasons(early)).toEqual(["rate-limited"]);
  expect(second.calls).toEqual([]);

  second.travel(wakeOf(tick));
  await second.tick();
  expect(second.calls).toMatchObject([{ attempt: 2 }]);
  expect(second.closedRuns()).toMatchObject([
    { result: "succeeded", attempts: [{ outcome: "rate-limited" }, { outcome: "succeeded" }] },
  ]);
  expect((await second.verify()).findings).toEqual([]);

  first.travel(addMs(wakeOf(tick), DAY_MS));
  await first.tick();
  expect(first.calls).toHaveLength(1);
});

test("What waits for its next attempt is resumed by another clone, and not before its time.", async () => {
  const { second, tick } = await twoRunners(crash);

  second.travel(addMs(wakeOf(tick), -5));
  expect(reasons(await second.tick())).toEqual(["retry-wait"]);
  second.travel(wakeOf(tick));
  await second.tick();

  expect(second.calls).toMatchObject([{ attempt: 2 }]);
  expect(second.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

test("What is uncertain is answered in another clone, which goes on with the run.", async () => {
  const files = {
    ...noteCompany(),
    ...agent("scribe", { effects: "external", idempotency: "none" }),
    ...agent("logger"),
    ...pipeline("shop/note", [
      {
        id: "write",
        agent: "scribe",
        once: { key: "note" },
        compensate: { none: "a note cannot be unsent" },
      },
      { id: "log", agent: "logger", with: { note: "${{ steps.write.outcome }}" } },
    ]),
  };
  const { second } = await twoRunners(
    () => ({ outcome: "uncertain", reason: "exit code 1", outputs: null }),
    files,
  );
  second.plays["logger"] = () => ({});
  await second.tick();

  await second.answer("note", true);
  await second.tick();

  expect(second.called).not.toContain("scribe");
  expect((await second.look()).observed.summaries.projects.get("shop")?.uncertain).toBe(undefined);
  expect((await second.verify()).findings).toEqual([]);
});

test("Parking uses up no attempt and ends where the step says; a hostile word when to come back breaks nothing.", async () => {
  const retry = { limit: 2, maxParked: "3d" };
  const files = {
    ...noteCompany(),
    ...pipeline("shop/note", [{ id: "write", agent: "scribe", retry }]),
  };
  const says = [-1, Number.MAX_VALUE];
  const shop = new Rehearsal({ files });
  shop.plays["scribe"] = (...call) => limited(says[call[0].attempt - 1] ?? 0)(...call);
  await shop.request("shop/note");

  const tick = await shop.tick();
  expect(reasons(tick)).toEqual(["rate-limited"]);
  shop.travel(wakeOf(tick));
  await shop.tick();

  expect(shop.closedRuns()).toMatchObject([
    {
      result: "failed",
      reason:
        "write: rate-limited: HTTP 429; it would be parked for 366d in all, more than the 3d of retry.maxParked",
    },
  ]);
});

test("Many items that all fail end within the further attempts that the run may make.", async () => {
  const people = Array.from({ length: 30 }, (_, index) => ({ name: `p${index}` }));
  const files = {
    ...settings(),
    ...project("shop"),
    ...agent("finder"),
    ...agent("writer"),
    ...pipeline(
      "shop/note",
      [
        { id: "find", agent: "finder" },
        {
          id: "draft",
          agent: "writer",
          forEach: "${{ steps.find.outputs.people }}",
          itemKey: "${{ item.name }}",
          retry: { limit: 10 },
        },
      ],
      { maxRetries: 7 },
    ),
  };
  const plays = { finder: (): object => ({ outputs: { people } }), writer: crash };
  const shop = new Rehearsal({ files, plays });
  await shop.request("shop/note");

  for (let tick = await shop.tick(); wakeOf(tick) !== ""; tick = await shop.tick()) {
    shop.travel(wakeOf(tick));
  }

  expect(shop.called.filter((name) => name === "writer")).toHaveLength(37);
  expect(shop.closedRuns()).toMatchObject([
    { result: "failed", reason: expect.stringContaining("the 7 of maxRetries are used up") },
  ]);
});
