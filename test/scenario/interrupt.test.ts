import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { noteCompany } from "../support/company.ts";
import { addOrigin, makeFolder, makeRepository, type TestRepository } from "../support/git-repo.ts";
import { writingFiles } from "../support/lane-shop.ts";
import { handOut } from "../support/lanes.ts";
import { mailShop, mergeGate, PLAYS, sent } from "../support/mail-shop.ts";
import { made, type Play, Rehearsal } from "../support/rehearsal.ts";

/** Is cut off by the interruption that it causes. */
function interrupting(stop: AbortController): Play {
  return (_, signal) => {
    stop.abort("interrupted");
    expect(signal.aborted).toBe(true);
    return { outcome: "cancelled", reason: "it was stopped", outputs: null };
  };
}

test("An interruption leaves no half result; the next tick does the step again.", async () => {
  const stop = new AbortController();
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe: interrupting(stop) } });
  await shop.request("shop/note");

  const tick = await shop.tick(stop.signal);

  expect(tick.end).toEqual({ kind: "interrupted" });
  const [run] = [...(await shop.look()).observed.runs.values()];
  expect(run?.attempts).toEqual([]);
  shop.plays["scribe"] = () => made("projects/shop/note.md", "whole\n");
  await shop.tick();
  expect(shop.text("projects/shop/note.md")).toBe("whole");
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded", attempts: [{ attempt: 1 }] }]);
});

test("What had ended before the interruption was seen is booked; nothing new starts.", async () => {
  const stop = new AbortController();
  const shop = await mailShop();
  shop.plays["sender"] = (...call) => {
    stop.abort("interrupted");
    return PLAYS["sender"]?.(...call) ?? {};
  };
  await mergeGate(shop);

  await shop.tick(stop.signal);

  const [run] = [...(await shop.look()).observed.runs.values()];
  const sendings = run?.attempts.filter(({ step }) => step === "send") ?? [];
  expect(sendings.map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded"]);
  expect(shop.called).not.toContain("scribe");
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

test("A tick that is interrupted before it begins does nothing.", async () => {
  const stop = new AbortController();
  stop.abort("interrupted");
  const shop = new Rehearsal({ files: noteCompany() });

  const tick = await shop.tick(stop.signal);

  expect(tick).toMatchObject({ end: { kind: "interrupted" }, booked: 0 });
  expect(shop.operator.git("for-each-ref", "refs/heads/fettle")).toBe("");
});

test("An external effect that is at work is not cut off: it comes to its end, and nothing more begins.", async () => {
  const stop = new AbortController();
  const shop = await mailShop();
  const heard: boolean[] = [];
  shop.plays["sender"] = (...call) => {
    stop.abort("interrupted");
    heard.push(call[1].aborted);
    return PLAYS["sender"]?.(...call) ?? {};
  };
  await mergeGate(shop);

  const tick = await shop.tick(stop.signal);

  expect(tick.end).toEqual({ kind: "interrupted" });
  expect(heard).toEqual([false, false]);
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
});

test("An interruption in the middle of a push does not keep from the others what is done.", async () => {
  const stop = new AbortController();
  const operator = makeRepository();
  operator.commit(noteCompany(), "Start the company");
  const origin = addOrigin(operator);
  const shop = new Rehearsal({ files: {}, operator });
  await shop.tick();
  const pushing = join(makeFolder(), "pushing");
  const hook = join(origin.path, "hooks", "pre-receive");
  mkdirSync(dirname(hook), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\n[ -e ${pushing} ] || { touch ${pushing}; sleep 2; }\n`, {
    mode: 0o755,
  });
  shop.plays["scribe"] = () => made("projects/shop/note.md", "whole\n");
  await shop.request("shop/note");

  const ticking = shop.tick(stop.signal);
  while (!existsSync(pushing)) await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort("interrupted");
  const tick = await ticking;

  expect(tick.end).toEqual({ kind: "interrupted" });
  expect(origin.git("rev-parse", "fettle/state")).toBe(operator.git("rev-parse", "fettle/state"));
});

/** An origin that takes long over the first push and refuses it and all others. */
function refusing(origin: TestRepository): { readonly pushing: string; readonly mend: () => void } {
  const pushing = join(makeFolder(), "pushing");
  const hook = join(origin.path, "hooks", "pre-receive");
  mkdirSync(dirname(hook), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\n[ -e ${pushing} ] || { touch ${pushing}; sleep 1; }\nexit 1\n`, {
    mode: 0o755,
  });
  return { pushing, mend: () => rmSync(hook) };
}

async function abortOnce(pushing: string, stop: AbortController): Promise<void> {
  while (!existsSync(pushing)) await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort("interrupted");
}

/** One effect is wanted, and the origin takes nothing. */
async function cutOffShop(): Promise<{
  readonly shop: Rehearsal;
  readonly origin: ReturnType<typeof refusing>;
}> {
  const operator = makeRepository();
  operator.commit(writingFiles("none", "bob"), "Start the company");
  const origin = addOrigin(operator);
  const shop = new Rehearsal({ files: {}, operator, plays: { actor: () => ({}) } });
  await shop.request("shop/act");
  return { shop, origin: refusing(origin) };
}

test("An effect whose intent could not be published before the interruption does not begin, and is not in doubt.", async () => {
  const stop = new AbortController();
  const { shop, origin } = await cutOffShop();

  const ticking = shop.tick(stop.signal);
  await abortOnce(origin.pushing, stop);
  const tick = await ticking;

  expect(tick.end).toEqual({ kind: "interrupted" });
  expect(shop.called).toEqual([]);
  origin.mend();
  await shop.tick();
  expect(shop.called).toEqual(["actor"]);
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

test("Nothing is handed to lanes while the intents of its effects are not published.", async () => {
  const stop = new AbortController();
  const { shop, origin } = await cutOffShop();

  const planning = handOut(shop, { signal: stop.signal });
  await abortOnce(origin.pushing, stop);
  const { handed, tick } = await planning;

  expect(tick.end).toEqual({ kind: "interrupted" });
  expect(handed).toBeNull();
});
