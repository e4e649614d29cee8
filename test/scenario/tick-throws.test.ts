import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { agent, mailCompany, pipeline, project, settings } from "../support/company.ts";
import { addOrigin, type FileTexts, makeRepository } from "../support/git-repo.ts";
import { mailShop, mergeGate, PLAYS, sent } from "../support/mail-shop.ts";
import { type Play, Rehearsal } from "../support/rehearsal.ts";

/** Long enough to outlast a tick that does not wait. */
const LONG_MS = 300;

/** Ends only when it is told to. */
function untilStopped(heard: string[]): Play {
  return async ({ agent: { name } }, signal) => {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    heard.push(name);
    return { outcome: "cancelled", reason: "it was stopped", outputs: null };
  };
}

function outcomes(shop: Rehearsal, step: string): Promise<readonly (readonly unknown[])[]> {
  return shop.look().then(({ observed }) => {
    const attempts = [...observed.runs.values()].flatMap((run) => run.attempts);
    return attempts
      .filter((attempt) => attempt.step === step)
      .map(({ item, state, outcome }) => [item, state, outcome]);
  });
}

test("When a step throws, the effect beside it comes to its end within the tick, is booked, and is not sent again.", async () => {
  const shop = await mailShop();
  const ended: string[] = [];
  shop.plays["sender"] = async (invocation, signal) => {
    const to = String(invocation.inputs["to"]);
    if (to === "ann") throw new Error("a damaged object");
    await sleep(LONG_MS);
    expect(signal.aborted).toBe(false);
    ended.push(to);
    return { receipt: { key: invocation.effectKey ?? "" } };
  };
  await mergeGate(shop);

  await expect(shop.tick()).rejects.toThrow("a damaged object");

  expect(ended).toEqual(["bob"]);
  expect(existsSync(join(shop.operator.path, ".git/fettle/begun.log"))).toBe(false);
  expect(await outcomes(shop, "send")).toEqual([
    ["ann", "intended", null],
    ["bob", "finished", "succeeded"],
  ]);
  Object.assign(shop.plays, PLAYS);
  await shop.tick();
  expect(sent(shop)).toMatchObject([{ to: "ann" }, { to: "bob" }, { to: "ann" }]);
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("When a step throws, those beside it that have no effect are told to stop, leave no half result, and are done again.", async () => {
  const heard: string[] = [];
  const plays = {
    bad: () => Promise.reject(new Error("the disk is full")),
    free: untilStopped(heard),
  };
  const shop = new Rehearsal({ files: sideBySide(), plays });
  await shop.request("shop/both");

  await expect(shop.tick()).rejects.toThrow("the disk is full");

  expect(heard).toEqual(["free"]);
  expect(await outcomes(shop, "free")).toEqual([]);
  Object.assign(shop.plays, { bad: () => ({}), free: () => ({}) });
  await shop.tick();
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

function sideBySide(): FileTexts {
  const steps = ["bad", "free"].map((name) => ({ id: name, agent: name, needs: [] }));
  return {
    ...settings(),
    ...project("shop"),
    ...agent("bad"),
    ...agent("free"),
    ...pipeline("shop/both", steps),
  };
}

test("When the origin refuses an intent, what is at work ends within the tick, and its results stay.", async () => {
  const operator = makeRepository();
  const steps = [
    { id: "find", agent: "finder", needs: [] },
    { id: "free", agent: "free", needs: [] },
    {
      id: "send",
      agent: "sender",
      needs: ["find"],
      once: { key: "mail/all" },
      compensate: { none: "a sent mail cannot be recalled" },
    },
  ];
  operator.commit(
    { ...mailCompany(), ...agent("free"), ...pipeline("shop/mail", steps) },
    "Start the company",
  );
  const origin = addOrigin(operator);
  const hook = join(origin.path, "hooks", "pre-receive");
  const heard: string[] = [];
  const plays: Record<string, Play> = {
    ...PLAYS,
    free: untilStopped(heard),
    finder: () => {
      mkdirSync(dirname(hook), { recursive: true });
      writeFileSync(hook, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
      return { outputs: { people: [] } };
    },
  };
  const shop = new Rehearsal({ files: {}, operator, plays });
  await shop.request("shop/mail");

  const { end } = await shop.tick();

  expect(end.kind).toBe("unpublished");
  expect(heard).toEqual(["free"]);
  expect(sent(shop)).toEqual([]);
  expect(await outcomes(shop, "find")).toMatchObject([[null, "finished", "succeeded"]]);
});

test("What goes wrong while a tick that threw comes to its end does not hide what it threw.", async () => {
  const shop = await mailShop();
  const packs = join(shop.operator.path, ".git/objects/pack");
  shop.plays["sender"] = async ({ inputs, effectKey }) => {
    if (inputs["to"] === "ann") throw new Error("a damaged object");
    await sleep(LONG_MS);
    // From here on nothing can be recorded.
    renameSync(packs, `${packs}.away`);
    writeFileSync(packs, "");
    return { receipt: { key: effectKey ?? "" } };
  };
  await mergeGate(shop);

  await expect(shop.tick()).rejects.toThrow("a damaged object");

  expect(existsSync(`${packs}.away`)).toBe(true);
});
