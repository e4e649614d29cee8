/** Lanes that die, or are stopped, in the middle of what they do, and are executed again. */
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MINUTE_MS } from "#runner/core/time/duration.ts";
import { unitKey } from "#runner/core/parallel.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { project } from "../support/company.ts";
import { addOrigin, cloneOf, makeFolder } from "../support/git-repo.ts";
import { oneStep, paidStep, receiptStates, wave, writingFiles } from "../support/lane-shop.ts";
import { executeLanes, settle, type Booked, type Wave } from "../support/lanes.ts";
import { Rehearsal } from "../support/rehearsal.ts";

/** As after kill -9 while the step is at work. */
async function dieIn(shop: Rehearsal, killed: Wave): Promise<void> {
  shop.plays["actor"] = () => {
    throw new Error("killed");
  };
  await expect(executeLanes(shop, killed)).rejects.toThrow("killed");
  shop.plays["actor"] = () => ({});
}

test.each([
  [null, 3, "succeeded", []],
  ["native", 1, "crashed", ["intended"]],
  ["probe", 1, "crashed", ["intended"]],
  ["none", 1, "uncertain", ["uncertain"]],
] as const)(
  "A lane dies in the middle and is executed again: what has effects that are %s is begun %i times from its folder.",
  async (kind, times, outcome, states) => {
    const shop = oneStep(kind);
    const killed = await wave(shop);
    await dieIn(shop, killed);

    await executeLanes(shop, killed);
    await executeLanes(shop, { ...killed, results: makeFolder() });
    await settle(shop, killed);

    expect(shop.calls).toHaveLength(times);
    const { observed } = await shop.look();
    const attempts = [...observed.runs.values()][0]?.attempts ?? shop.closedRuns()[0]?.attempts;
    expect(attempts).toMatchObject([{ outcome }]);
    expect(receiptStates(shop)).toEqual(states);
  },
);

test("A lane that died while a model was asked asks none again from its folder: what it may have spent is booked.", async () => {
  const shop = paidStep();
  const killed = await wave(shop);
  await dieIn(shop, killed);

  await executeLanes(shop, killed);
  await settle(shop, killed);

  expect(shop.calls).toHaveLength(1);
  const { observed } = await shop.look();
  expect([...observed.runs.values()][0]?.attempts).toMatchObject([{ outcome: "crashed" }]);
  expect(observed.summaries.workspace.money).toMatchObject({
    grants: [],
    totals: { "shop/act/actor": { micros: 50_000 } },
  });
});

test("Of what a lane has refused it begins nothing later, whatever it lacked.", async () => {
  const shop = oneStep("native");
  const refused = await wave(shop);
  const { expires } = refused.handed?.plan ?? { expires: "" };
  const { at } = refused.handed?.plan ?? { at: "" };
  shop.travel(expires);
  await executeLanes(shop, refused);
  shop.travel(at);

  await executeLanes(shop, { ...refused, results: makeFolder() });

  expect(shop.calls).toEqual([]);
});

test.each([["none"], ["probe"]] as const)(
  "While a lane is at work on an effect that is %s, what others have told is booked, and nothing is said of it.",
  async (kind) => {
    const shop = oneStep(kind);
    const handed = await wave(shop);
    const results: Booked[] = [];
    shop.plays["actor"] = async () => {
      results.push(await settle(shop, handed, true));
      return { receipt: { seen: true } };
    };

    await executeLanes(shop, handed);

    expect(results).toMatchObject([{ told: 0, lost: [], open: 1 }]);
    expect(receiptStates(shop)).toEqual(["intended"]);
    await settle(shop, handed);
    expect(receiptStates(shop)).toEqual(["happened"]);
  },
);

test("What was handed out is at work elsewhere for the rest of the tick that has handed it out.", async () => {
  const { handed, working } = await wave(oneStep("none"));

  expect([...working]).toEqual(handed?.plan.units.map(({ start }) => unitKey(start)));
});

test("A lane that died in the middle of an effect and is executed again too late does not say that nothing was begun.", async () => {
  const shop = oneStep("native");
  const killed = await wave(shop);
  await dieIn(shop, killed);
  shop.travel(killed.handed?.plan.expires ?? "");

  await executeLanes(shop, killed);
  const booked = await settle(shop, killed);

  expect(booked).toMatchObject({ told: 0, lost: [{ start: { step: "act" } }] });
  expect(receiptStates(shop)).toEqual(["intended"]);
});

test("A lane without a folder that it can write to begins no effect.", async () => {
  const shop = oneStep("native");
  const handed = await wave(shop);
  const id = handed.handed?.id.replace("sha256:", "").slice(0, 12) ?? "";
  symlinkSync("nowhere/at/all", join(handed.folder, `.u1.${id}.begun`));

  await executeLanes(shop, handed);

  expect(shop.calls).toEqual([]);
});

test("Folders that served another plan before say nothing of this one.", async () => {
  const shop = oneStep("native");
  const before = await wave(shop);
  await executeLanes(shop, before);
  await settle(shop, before);
  shop.operator.commit(writingFiles("native", "ben"), "Write to Ben");
  rmSync(join(before.folder, "plan.json"));
  const { folder, results } = before;
  const next = await wave(shop, { folder, results });

  await executeLanes(shop, next);
  const booked = await settle(shop, next);

  expect(booked).toMatchObject({ told: 1, lost: [] });
  expect(shop.calls).toHaveLength(2);
});

test.each([
  [null, true],
  ["native", false],
] as const)(
  "Ctrl-C in a lane: what has effects that are %s is cut off: %s.",
  async (kind, isCut) => {
    const shop = oneStep(kind);
    const handed = await wave(shop);
    const pressed = new AbortController();
    shop.plays["actor"] = (_, signal) => {
      pressed.abort();
      return signal.aborted ? { outcome: "cancelled" } : {};
    };

    const done = await executeLanes(shop, handed, undefined, pressed.signal);

    expect(done).toBe(isCut ? 0 : 1);
  },
);

test.each([
  ["settled once", false, ["succeeded"]],
  ["settled before it has told anything, and after", true, ["crashed"]],
])(
  "A lane that begins too late takes nothing from the runner that goes on with its effect: %s.",
  async (_, isTwice, outcomes) => {
    const shop = oneStep("native");
    const origin = addOrigin(shop.operator);
    const second = new Rehearsal({ files: {}, operator: cloneOf(origin) });
    const late = await wave(shop);
    for (const one of [shop, second]) one.travel(addMs(late.handed?.plan.expires ?? "", MINUTE_MS));
    second.plays["actor"] = async () => {
      if (isTwice) await settle(shop, { ...late, results: makeFolder() });
      await executeLanes(shop, late);
      expect(await settle(shop, late)).toMatchObject({ told: 1, lost: [] });
      return { receipt: { by: "second" } };
    };

    await second.tick();

    expect(shop.calls).toEqual([]);
    expect(receiptStates(second)).toEqual(["happened"]);
    const { observed } = await second.look();
    const attempts = second.closedRuns()[0]?.attempts ?? [...observed.runs.values()][0]?.attempts;
    expect(attempts?.map((one) => one.outcome)).toEqual(outcomes);
    expect((await second.verify()).findings).toEqual([]);
  },
);

test.each([
  ["without an origin nobody claims anything", false],
  ["its claim has gone since", true],
])(
  "A lane that begins too late says nothing of what another runner has done and lost: %s.",
  async (_, isShared) => {
    const shop = oneStep("native");
    const second = isShared
      ? new Rehearsal({ files: {}, operator: cloneOf(addOrigin(shop.operator)) })
      : shop;
    const late = await wave(shop);
    for (const one of [shop, second]) one.travel(addMs(late.handed?.plan.expires ?? "", MINUTE_MS));
    second.plays["actor"] = () => {
      throw new Error("killed");
    };
    await expect(second.tick()).rejects.toThrow("killed");
    // Its clone says that it works on nothing any more, and rests.
    second.operator.commit(project("shop", { suspend: true }), "Stop");
    if (isShared) second.operator.git("push", "--quiet", "origin", "main");
    await second.tick();

    await executeLanes(shop, late);
    expect(await settle(shop, late)).toMatchObject({ told: 1, lost: [] });

    expect(second.calls).toHaveLength(1);
    expect(receiptStates(shop)).toEqual(["intended"]);
  },
);

test("Who only asks after an effect, and dies over it, asks again: its lane may still be about to act.", async () => {
  const shop = oneStep("probe");
  const second = new Rehearsal({ files: {}, operator: cloneOf(addOrigin(shop.operator)) });
  const late = await wave(shop);
  second.travel(addMs(late.handed?.plan.expires ?? "", MINUTE_MS));
  second.plays["actor"] = () => {
    throw new Error("killed");
  };
  await expect(second.tick()).rejects.toThrow("killed");
  second.plays["actor"] = () => ({ outcome: "uncertain" });

  await second.tick();

  expect(second.calls.map(({ askOnly }) => askOnly)).toEqual([true, true]);
});

test("What a lane had saved long ago, and tells when it is settled, takes the place of nothing that was saved since.", async () => {
  const shop = oneStep(null);
  const second = new Rehearsal({ files: {}, operator: cloneOf(addOrigin(shop.operator)) });
  const late = await wave(shop);
  shop.plays["actor"] = (_, __, save) => {
    save?.(new Map([["page", 1]]));
    return { outcome: "crashed", outputs: null };
  };
  await executeLanes(shop, late);
  for (const one of [shop, second]) one.travel(addMs(late.handed?.plan.expires ?? "", MINUTE_MS));
  second.plays["actor"] = async ({ attempt }, _, save) => {
    if (attempt > 1) return {};
    save?.(new Map([["page", 5]]));
    await expect.poll(() => savedIn(second), { timeout: 20_000 }).not.toBe("");
    shop.pass("1m");
    await settle(shop, late);
    return { outcome: "crashed", outputs: null };
  };

  await second.tick();
  second.pass("1h");
  await second.tick();

  expect(second.calls.map(({ checkpoints }) => checkpoints?.get("page"))).toEqual([undefined, 5]);
});

/** Checkpoints, as far as the origin has them. */
function savedIn({ operator }: Rehearsal): string {
  const files = operator.git("ls-tree", "-r", "--name-only", "fettle/state", "open/");
  return files.split("\n").find((name) => name.endsWith("checkpoints.json")) ?? "";
}

test("While a lane is at work on a step that may take half a day, others leave it alone.", async () => {
  const shop = oneStep(null, { limits: { usd: 0, wall: "12h" } });
  const second = new Rehearsal({ files: {}, operator: cloneOf(addOrigin(shop.operator)) });
  second.plays["actor"] = () => ({});
  await wave(shop);

  await second.tick();

  expect(second.calls).toEqual([]);
});

test("Two clones settle at once, and one of them has not got the results: the effect has happened, once.", async () => {
  const shop = oneStep("none");
  const origin = addOrigin(shop.operator);
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: shop.plays });
  const handed = await wave(shop);
  await executeLanes(shop, handed);
  await second.tick();

  await Promise.all([
    settle(shop, handed),
    settle(second, { folder: handed.folder, results: makeFolder() }),
  ]);
  for (const one of [shop, second]) await one.tick();

  expect([...shop.calls, ...second.calls]).toHaveLength(1);
  expect(receiptStates(second)).toEqual(["happened"]);
  expect((await second.look()).observed.runs.size).toBe(0);
  expect((await second.verify()).findings).toEqual([]);
});
