import { cpSync, renameSync } from "node:fs";
import { join } from "node:path";
import { array, assert, asyncProperty, constantFrom } from "fast-check";
import { expect, test } from "vitest";
import { durationMs } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { planDigest } from "#runner/core/plan.ts";
import { closedAmong, readAllRuns } from "#runner/loop/closed-runs.ts";
import { compact as compactTip } from "#runner/loop/compact.ts";
import { completePlan } from "#runner/loop/complete-plan.ts";
import { readEvents } from "#runner/loop/events.ts";
import { book } from "#runner/loop/ledger.ts";
import { look } from "#runner/loop/look.ts";
import { RUNNER_EMAIL } from "#runner/loop/runner-identity.ts";
import { readReceipts } from "#runner/loop/receipts.ts";
import { claimed } from "#runner/protocol/lease.ts";
import { mailCompany, noteCompany } from "../support/company.ts";
import { compact, filesOf, oldShop, sendAgain, STATE } from "../support/compacted-shop.ts";
import { addOrigin, cloneOf, makeFolder, repositoryAt } from "../support/git-repo.ts";
import { mailShop, mergeGate, PLAYS, sent } from "../support/mail-shop.ts";
import { made, type Play, Rehearsal } from "../support/rehearsal.ts";

async function closedIn(shop: Rehearsal): Promise<readonly string[]> {
  return [...(await shop.read(({ store }) => readAllRuns(store))).keys()];
}

/** All that anybody can ask of the state, and what would be done next. */
function knowledgeOf(shop: Rehearsal): Promise<unknown> {
  return shop.read(async (engine) => {
    const { store } = engine;
    const { workspace, observed } = await look(engine);
    if (workspace === null) throw new Error("there is no workspace");
    const now = "2027-01-01T00:00:00.000Z";
    const { plan } = await completePlan(store, { workspace, observed }, now);
    const events = await readEvents(store, "");
    const bases = events.flatMap((event) =>
      "effect" in event && event.effect !== null ? [event.effect.base] : [],
    );
    const others = {
      ...plan,
      actions: plan.actions.filter(({ kind }) => kind !== "state-compact"),
    };
    return {
      plan: planDigest(others),
      summaries: observed.summaries,
      runs: [...(await readAllRuns(store)).values()].toSorted((a, b) =>
        a.run.id < b.run.id ? -1 : 1,
      ),
      receipts: [...(await readReceipts(store, bases))].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      events: events.filter(({ kind }) => kind !== "state-compacted"),
    };
  });
}

test("Old runs, events and receipts leave the tip, and everything that is known is still known.", async () => {
  const shop = await oldShop();
  const before = await knowledgeOf(shop);
  const ids = await closedIn(shop);

  const done = await compact(shop);

  expect(done).toMatchObject({
    kind: "done",
    compactions: [{ runs: [{}, {}].map(() => expect.any(String)) }],
  });
  expect(filesOf(shop, "runs/")).toEqual([]);
  for (const [since, count] of [
    ["2026-03-01", 2],
    ["2026-05-01", 0],
  ] as const) {
    expect((await shop.read(({ store }) => closedAmong(store, ids, since))).size).toBe(count);
  }
  expect(filesOf(shop, "events/")).toHaveLength(1);
  expect(filesOf(shop, "once/").every((path) => path.endsWith(".jsonl"))).toBe(true);
  expect(await knowledgeOf(shop)).toEqual(before);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("What was compacted is not compacted again, and a tick finds nothing to do.", async () => {
  const shop = await oldShop();
  await compact(shop);
  const tip = shop.operator.git("rev-parse", STATE);

  expect(await compact(shop)).toEqual({ kind: "done", compactions: [] });
  expect((await shop.tick()).booked).toBe(0);
  expect(shop.operator.git("rev-parse", STATE)).toBe(tip);
});

test("An effect that happened its most times before it was compacted never happens again.", async () => {
  const shop = await oldShop();
  await compact(shop);
  expect(sent(shop)).toHaveLength(4);

  await sendAgain(shop);

  expect(sent(shop)).toHaveLength(4);
  const attempts = shop
    .closedRuns()
    .at(-1)
    ?.attempts.filter(({ step }) => step === "send");
  expect(attempts?.map(({ reason }) => reason)).toEqual([
    expect.stringContaining("at most 2"),
    expect.stringContaining("at most 2"),
  ]);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("An effect goes on counting after its receipts were compacted, also for the second time.", async () => {
  const shop = await mailShop();
  await mergeGate(shop);
  await shop.tick();
  shop.pass("20d");
  await compact(shop);

  await sendAgain(shop);
  shop.pass("20d");
  await compact(shop);
  await sendAgain(shop);

  expect(sent(shop)).toHaveLength(4);
  expect(filesOf(shop, "once/").filter((path) => path.endsWith(".json"))).toEqual([]);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("A run is tried once more after it was compacted, and what it did is kept.", async () => {
  const shop = await mailShop();
  shop.plays["scribe"] = () => ({ outcome: "missing-data", reason: "no log yet", outputs: null });
  await mergeGate(shop);
  await shop.tick();
  shop.plays["scribe"] = PLAYS["scribe"] ?? (() => ({}));
  await shop.retry("mail");
  shop.pass("20d");
  await compact(shop);
  shop.calls.length = 0;

  await shop.tick();

  // The time between two mails has passed; what was found and written stands.
  expect(shop.called).toEqual(["sender", "sender", "scribe"]);
  expect(shop.closedRuns().at(-1)).toMatchObject({ result: "succeeded", run: { retryOf: {} } });
  expect((await shop.verify()).findings).toEqual([]);
});

const scribe: Play = ({ projectDir }) => made(`${projectDir}/note.md`, "written\n");

test("A compaction that lost a race is given up, and made again on the newest state.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe } });
  const origin = addOrigin(shop.operator);
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.request("shop/note");
  await shop.tick();
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: { scribe } });
  await other.tick();
  shop.pass("20d");
  other.travel("2026-03-22T09:00:00.000Z");
  await other.request("shop/note");
  const theirs = origin.git("rev-parse", STATE);

  const done = await compact(shop);

  expect(done).toMatchObject({ kind: "done", compactions: [{}] });
  const [, base] = origin.git("rev-list", "--parents", "--max-count=1", STATE).split(" ");
  expect(base).toBe(theirs);
  await shop.tick();
  expect((await shop.verify()).verdict).toBe("verified");
});

test("A run that was compacted is not recorded again by a runner that was away.", async () => {
  const files = noteCompany({ schedule: { cron: "0 8 * * *", catchUp: "latest" } });
  const shop = new Rehearsal({ files, plays: { scribe } });
  const origin = addOrigin(shop.operator);
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: { scribe } });
  await other.tick();
  shop.travel("2026-03-03T08:30:00.000Z");
  other.travel("2026-03-03T08:31:00.000Z");
  renameSync(origin.path, `${origin.path}.away`);
  await other.tick();
  renameSync(`${origin.path}.away`, origin.path);
  await shop.tick();
  const [run = ""] = shop.closedRuns().map((closed) => closed.run.id);
  for (const runner of [shop, other]) runner.travel("2026-03-23T09:00:00.000Z");
  await compact(shop);
  expect(await closedIn(other)).toEqual([run]);

  expect((await other.tick()).end).toEqual({ kind: "settled" });

  other.operator.git("pull", "--quiet", "--rebase", "origin", "main");
  // A second start of it would be found.
  expect((await other.verify()).findings).toEqual([]);
  expect(await closedIn(other)).toEqual([run, expect.any(String)]);
});

test("A run that was compacted is not recorded again by one that was away and started it days after it had ended elsewhere.", async () => {
  const files = noteCompany({ schedule: { cron: "0 8 * * 1", catchUp: "latest" } });
  const shop = new Rehearsal({ files, plays: { scribe } });
  const origin = addOrigin(shop.operator);
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: { scribe } });
  await other.tick();
  shop.travel("2026-03-09T08:30:00.000Z");
  other.travel("2026-03-13T08:31:00.000Z");
  renameSync(origin.path, `${origin.path}.away`);
  await other.tick();
  renameSync(`${origin.path}.away`, origin.path);
  await shop.tick();
  const [run = ""] = shop.closedRuns().map((closed) => closed.run.id);
  expect(await closedIn(other)).toEqual([run]);
  for (const runner of [shop, other]) runner.travel("2026-03-22T09:00:00.000Z");
  await compact(shop);

  expect((await other.tick()).end).toEqual({ kind: "settled" });

  other.operator.git("pull", "--quiet", "--rebase", "origin", "main");
  expect((await other.verify()).findings).toEqual([]);
  expect(await closedIn(other)).toEqual([run, expect.any(String)]);
});

test("What is not published yet is not folded.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe } });
  const origin = addOrigin(shop.operator);
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  await shop.request("shop/note");
  renameSync(origin.path, `${origin.path}.away`);
  await shop.tick();
  const compaction = { runs: [], hours: [], days: [], receiptsBefore: null };

  expect(await shop.read((engine) => compactTip(engine, compaction))).toEqual({
    kind: "unpublished",
  });
});

/** Books so many commits in the hour that the clock shows. */
async function keepBusy(shop: Rehearsal, commits: number): Promise<void> {
  await shop.write(async (engine) => {
    const { summaries } = (await look(engine)).observed;
    for (let fence = 1; fence <= commits; fence += 1) {
      const expires = engine.clock();
      const record = { runner: "elsewhere", runs: [], fence, expires, since: expires };
      const transactions = [claimed(record, engine.clock())];
      await book(engine.store, { summaries, transactions, refs: [] });
    }
  });
}

test("A tick compacts by itself when enough has gathered, wakes for it, and rests afterwards.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe } });
  await shop.tick();
  await keepBusy(shop, 256);

  const before = await shop.tick();
  expect(before).toMatchObject({ booked: 0, plan: { nextWake: "2026-03-02T10:00:00.000Z" } });
  shop.travel("2026-03-02T10:00:01.000Z");
  const compacting = await shop.tick();

  expect(compacting).toMatchObject({ end: { kind: "settled" }, booked: 1 });
  expect(filesOf(shop, "events/2026-03-02/09.jsonl")).toHaveLength(1);
  expect(filesOf(shop, "events/")).toHaveLength(2);
  for (const pause of ["1h", "3d", "90d"]) {
    shop.pass(pause);
    expect((await shop.tick()).booked).toBe(0);
  }
  expect((await shop.verify()).verdict).toBe("verified");
});

test("A tick that cannot compact says so and rests, and compacts once all is here.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe } });
  await shop.tick();
  await keepBusy(shop, 256);
  await shop.tick();
  shop.travel("2026-03-02T10:00:01.000Z");
  const [lost = ""] = filesOf(shop, "events/2026-03-02/09/");
  shop.operator.write({ lost: ` ${shop.text(lost, STATE) ?? ""}` });
  const { git } = shop.operator;
  git("read-tree", STATE);
  git("update-index", "--cacheinfo", `100644,${git("hash-object", "lost")},${lost}`);
  const tree = git("write-tree", "--missing-ok");
  const tip = shop.gitAs(RUNNER_EMAIL, "commit-tree", tree, "-p", STATE, "-m", "Lose one");
  git("update-ref", `refs/heads/${STATE}`, tip);
  git("read-tree", "main");

  await shop.tick();
  const held = await shop.tick();
  const rested = await shop.tick();

  expect(held).toMatchObject({ end: { kind: "settled" }, booked: 0 });
  expect(held.holds).toMatchObject([
    { reason: "payload-missing", unblock: expect.stringContaining("git fetch --unshallow") },
  ]);
  expect(rested).toMatchObject({ view: null, booked: 0, holds: held.holds });
  git("hash-object", "-w", "lost");
  await shop.request("shop/note");
  await shop.tick();
  expect(filesOf(shop, "events/2026-03-02/09.jsonl")).toHaveLength(1);
});

/** The same company a second time. */
function twinOf(shop: Rehearsal): Rehearsal {
  const path = join(makeFolder(), "twin");
  cpSync(shop.operator.path, path, { recursive: true, verbatimSymlinks: true });
  return new Rehearsal({ files: {}, operator: repositoryAt(path), plays: PLAYS });
}

/** What the operator does, and how long it is until the next deed. */
const DEEDS = { send: "1d", wait: "2d", long: "40d", compact: "1h" } as const;
type Deed = keyof typeof DEEDS;

test("Whatever happens, a company that compacts does and knows what one does that never compacts.", async () => {
  const deed = constantFrom<Deed>("send", "wait", "long", "compact");
  await assert(
    asyncProperty(array(deed, { minLength: 3, maxLength: 6 }), async (deeds) => {
      const plain = new Rehearsal({ files: mailCompany(), plays: PLAYS });
      const compacting = twinOf(plain);
      let now = "2026-03-02T09:00:00.000Z";
      for (const one of [...deeds, "long", "compact", "send"] as const) {
        plain.travel(now);
        compacting.travel(now);
        if (one === "compact") await compact(compacting);
        if (one === "send") await sendAgain(plain);
        if (one === "send") await sendAgain(compacting);
        now = addMs(now, durationMs(DEEDS[one]));
      }

      expect(await knowledgeOf(compacting)).toEqual(await knowledgeOf(plain));
      expect(sent(compacting)).toEqual(sent(plain));
      expect((await compacting.verify()).verdict).toBe("verified");
    }),
    { numRuns: 4, endOnFailure: true },
  );
});
