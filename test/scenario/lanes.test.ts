import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MINUTE_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { agent, mailCompany, pipeline, project, settings } from "../support/company.ts";
import { addOrigin, cloneOf, type FileTexts, makeRepository } from "../support/git-repo.ts";
import { executeLanes, handOut, inLanes, settle } from "../support/lanes.ts";
import { approve, PLAYS, reasons, sent } from "../support/mail-shop.ts";
import { oneStep, receiptStates, wave } from "../support/lane-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

/** Every record of the state, without instants, durations and the name of the runner. */
function standing(shop: Rehearsal): Readonly<Record<string, string>> {
  const names = shop.operator.git("ls-tree", "-r", "--name-only", "fettle/state").split("\n");
  const kept = names.filter((name) => !/^(?:events|runners)\//.test(name));
  return Object.fromEntries(
    kept.map((name) => {
      const text = shop.text(name, "fettle/state") ?? "";
      const same = text
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "T")
        .replaceAll(/"commit":"[0-9a-f]{40}"/g, '"commit":"C"')
        .replaceAll(/"(?:local|lanes-\d+)"/g, '"runner"')
        .replaceAll(/"(ms|p50Ms|p95Ms)":\d+/g, '"$1":0');
      return [name, same];
    }),
  );
}

test("A company that works in lanes ends as one that works in one place.", async () => {
  const here = new Rehearsal({ files: mailCompany(), plays: PLAYS });
  const there = new Rehearsal({ files: mailCompany(), plays: PLAYS });
  await here.request("shop/mail");
  await here.tick();
  await approve(here);
  await here.tick();

  await there.request("shop/mail");
  await inLanes(there);
  await approve(there);
  await inLanes(there);

  expect(standing(there)).toEqual(standing(here));
  // Lanes send beside each other.
  expect(new Set(sent(there))).toEqual(new Set(sent(here)));
  expect(sent(there)).toHaveLength(sent(here).length);
  expect(there.text("projects/shop/sent.txt")).toBe(here.text("projects/shop/sent.txt"));
  expect((await there.verify()).findings).toEqual([]);
});

test.each([
  [null, "crashed", []],
  ["native", "crashed", ["intended"]],
  ["probe", "crashed", ["intended"]],
  ["none", "uncertain", ["uncertain"]],
] as const)(
  "A lane with effects that are %s never reports: it is %s, the effect %s.",
  async (kind, outcome, states) => {
    const shop = oneStep(kind);
    const lost = await wave(shop);

    const booked = await settle(shop, lost);

    expect(booked.lost).toMatchObject([{ reason: "the lane that was to do it never reported" }]);
    const { observed } = await shop.look();
    const [run] = [...observed.runs.values()];
    const attempts = run?.attempts ?? shop.closedRuns()[0]?.attempts;
    expect(attempts).toMatchObject([{ outcome }]);
    expect(receiptStates(shop)).toEqual(states);
    expect(observed.runners).toEqual([]);
    expect((await shop.verify()).findings).toEqual([]);
  },
);

test("While lanes work, others leave their runs alone; when they are silent for too long, the work is taken over, and their late word changes nothing.", async () => {
  const operator = makeRepository();
  operator.commit(oneStepFiles(), "Start the company");
  const origin = addOrigin(operator);
  const shop = new Rehearsal({ files: {}, operator });
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  for (const one of [shop, second])
    one.plays["actor"] = () => ({ receipt: { by: one === shop ? "lane" : "second" } });
  await shop.request("shop/act");
  const handed = await handOut(shop);
  await executeLanes(shop, handed);

  const early = await second.tick();
  second.travel(handed.handed?.plan.expires ?? "");
  second.pass("1m");
  await second.tick();
  const late = await settle(shop, handed);

  expect(reasons(early)).toEqual(["lease-held"]);
  expect(second.calls).toHaveLength(1);
  expect(late).toMatchObject({ told: 1, lost: [] });
  const [closed] = shop.closedRuns();
  expect(closed?.attempts).toMatchObject([
    { outcome: "succeeded", effect: { receipt: { by: "second" } } },
  ]);
  expect(receiptStates(shop)).toEqual(["happened"]);
  expect((await shop.verify()).findings).toEqual([]);
});

function oneStepFiles(): FileTexts {
  const step = {
    id: "act",
    agent: "actor",
    once: { key: "mail/ann" },
    compensate: { none: "a sent mail stays sent" },
  };
  return {
    ...settings(),
    ...project("shop"),
    ...agent("actor", { effects: "external", idempotency: "native" }),
    ...pipeline("shop/act", [step]),
  };
}

test("A lane that begins when others may take its work over does nothing, and says so.", async () => {
  const shop = oneStep("native");
  const late = await wave(shop);
  shop.travel(late.handed?.plan.expires ?? "");

  await executeLanes(shop, late);
  const booked = await settle(shop, late);

  expect(shop.calls).toEqual([]);
  expect(booked).toMatchObject({ told: 1, lost: [] });
  const [run] = [...(await shop.look()).observed.runs.values()];
  expect(run?.attempts).toMatchObject([
    { outcome: "crashed", reason: expect.stringContaining("its lane began too late") },
  ]);
  expect(receiptStates(shop)).toEqual([]);
});

test("What a lane has done it does not do again; a secret that it lacks is told.", async () => {
  const shop = oneStep(null);
  shop.operator.commit(
    {
      ...settings({ secrets: { KEY: { env: "SHOP_KEY" } } }),
      ...agent("actor", { secrets: ["KEY"] }),
    },
    "The actor needs a key",
  );
  const handed = await wave(shop);
  expect(handed.handed?.plan.lanes).toMatchObject([{ secrets: ["KEY"] }]);

  await executeLanes(shop, handed);
  shop.environment = { ...shop.environment, SHOP_KEY: "s3cret-key" };
  await executeLanes(shop, handed);
  await settle(shop, handed);

  expect(shop.calls).toEqual([]);
  expect(shop.closedRuns()[0]?.attempts).toMatchObject([
    {
      outcome: "auth",
      reason: "secret KEY is not set: the environment variable SHOP_KEY is empty",
    },
  ]);
});

test("A plan is settled once, however often it is asked for, and in parts.", async () => {
  const shop = new Rehearsal({ files: mailCompany(), plays: PLAYS });
  await shop.request("shop/mail");
  const first = await handOut(shop);
  await executeLanes(shop, first);
  await settle(shop, first);
  const tip = shop.operator.git("rev-parse", "fettle/state");

  const again = await settle(shop, first);

  expect(again).toMatchObject({ refusal: null, tick: { booked: 0 } });
  expect(shop.operator.git("rev-parse", "fettle/state")).toBe(tip);

  const second = await handOut(shop);
  expect(second.handed?.plan.units).toHaveLength(2);
  const none = await settle(shop, second, true);
  expect(none).toMatchObject({ told: 0, lost: [], open: 2 });
  expect((await shop.look()).observed.runners).toMatchObject([
    { runs: [expect.stringMatching(/^mail/)] },
  ]);
  await executeLanes(shop, second);
  rmSync(join(second.results, "lane-1", "u2.json"));
  expect(await settle(shop, second, true)).toMatchObject({ told: 1, open: 1 });
  await executeLanes(shop, second);
  const last = await settle(shop, second);
  expect(last).toMatchObject({ told: 2, lost: [], open: 0 });
  expect((await shop.look()).observed.gates.size).toBe(1);
});

test("In parts, from a lane whose clock is ahead: what was settled before takes nothing of the rest along.", async () => {
  const shop = new Rehearsal({ files: mailCompany(), plays: PLAYS });
  await shop.request("shop/mail");
  const first = await handOut(shop);
  await executeLanes(shop, first);
  await settle(shop, first);
  const drafts = await handOut(shop);
  const { at = "" } = drafts.handed?.plan ?? {};
  shop.travel(addMs(at, MINUTE_MS));
  await executeLanes(shop, drafts);
  const late = join(drafts.results, "lane-1", "u2.json");
  renameSync(late, `${late}.late`);
  shop.travel(addMs(at, 1_000));
  await settle(shop, drafts, true);
  renameSync(`${late}.late`, late);

  await settle(shop, drafts);

  const [run] = (await shop.look()).observed.runs.values();
  const made = run?.attempts.filter(({ step }) => step === "draft");
  expect(made).toMatchObject([{ outcome: "succeeded" }, { outcome: "succeeded" }]);
});

test("Of two plans at once the second finds nothing to hand out.", async () => {
  const operator = makeRepository();
  operator.commit(mailCompany(), "Start the company");
  const origin = addOrigin(operator);
  const shop = new Rehearsal({ files: {}, operator, plays: PLAYS });
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: PLAYS });
  await shop.request("shop/mail");
  await second.tick(AbortSignal.abort());

  const [one, two] = await Promise.all([handOut(shop), handOut(second)]);

  const handed = [one, two].filter((each) => each.handed !== null);
  expect(handed).toHaveLength(1);
});

test("A plan that the state does not know is not settled.", async () => {
  const shop = oneStep("native");
  const handed = await wave(shop);
  const stranger = oneStep("native");
  const foreign = await wave(stranger);
  await executeLanes(stranger, foreign);

  const booked = await settle(shop, foreign);

  expect(booked).toMatchObject({ refusal: "the state does not know this plan", told: 0 });
  expect(await settle(shop, handed)).toMatchObject({ refusal: null });
});

test("A result that cannot be believed is refused, and its step counts as lost.", async () => {
  const shop = oneStep("native");
  const handed = await wave(shop);
  await executeLanes(shop, handed);
  const file = join(handed.results, "lane-1", "u1.json");
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(/"plan":"sha256:..../, '"plan":"sha256:0000'),
  );

  const booked = await settle(shop, handed);

  expect(booked.lost).toMatchObject([
    { reason: "what the lane that was to do it reported is refused: it is of another plan" },
  ]);
  expect(receiptStates(shop)).toEqual(["intended"]);
});

test("In GitHub Actions what lanes took is recorded, and near the ceiling they wait for each other; nothing is lost.", async () => {
  // Looking every day takes 31 of them, so that a wave of 3 minutes leaves the last part.
  const actions = { every: "1d", minutes: 40, spareFrom: 0.8, spareEvery: "12h" };
  const shop = new Rehearsal({
    files: {
      ...settings({ actions }),
      ...project("shop"),
      ...agent("actor"),
      ...pipeline("shop/act", [
        { id: "first", agent: "actor" },
        { id: "second", agent: "actor", needs: ["first"] },
      ]),
    },
    plays: { actor: () => ({}) },
  });
  await shop.request("shop/act");
  const billed = { isBilled: true };
  const first = await handOut(shop, billed);
  await executeLanes(shop, first);
  await settle(shop, first, false, true);

  const spared = await handOut(shop, billed);
  shop.travel("2026-03-02T22:00:00.000Z");
  const later = await handOut(shop, billed);

  const live = JSON.parse(shop.text("live/_workspace.json", "fettle/state") ?? "{}");
  expect(live.lanes.days).toEqual({ "2026-03-02": 3 });
  expect([first.wait, first.handed?.plan.units.length]).toEqual([null, 1]);
  expect(spared.handed).toBeNull();
  expect(spared.wait).toEqual({
    why: expect.stringContaining("of the 40 minutes of GitHub Actions are used"),
    until: expect.stringMatching(/^2026-03-02T21:/u),
  });
  expect(later.handed?.plan.units.map(({ start }) => start.step)).toEqual(["second"]);
  expect((await shop.verify()).findings).toEqual([]);
});
