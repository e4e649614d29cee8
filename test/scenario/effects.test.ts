import { expect, test } from "vitest";
import { verify } from "#runner/loop/verify.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";
import { mailCompany } from "../support/company.ts";
import { mailShop, mergeGate, PLAYS, reasons, sent } from "../support/mail-shop.ts";
import type { Play, Rehearsal } from "../support/rehearsal.ts";

/** Asks for the mails once more and approves them. */
async function sendAgain(shop: Rehearsal): Promise<void> {
  await shop.request("shop/mail");
  await shop.tick();
  await mergeGate(shop);
  await shop.tick();
}

function keysOf({ calls }: Rehearsal): readonly (string | undefined)[] {
  return calls.filter(({ agent }) => agent.name === "sender").map(({ effectKey }) => effectKey);
}

/** Attempts of the step that sends, in the newest closed run. */
function sendings(shop: Rehearsal): readonly AttemptRecord[] {
  const attempts = shop.closedRuns().at(-1)?.attempts ?? [];
  return attempts.filter(({ step }) => step === "send");
}

/** Dies the first time that it is called, as the whole process would. */
function dyingOnce(play: Play | undefined): Play {
  let calls = 0;
  return (...call) => {
    calls += 1;
    if (calls === 1) throw new Error("the power is gone");
    return play?.(...call) ?? {};
  };
}

test("An effect is not repeated before its time, is after it, and never more often than its most.", async () => {
  const shop = await mailShop();
  await mergeGate(shop);
  await shop.tick();
  expect(keysOf(shop)).toHaveLength(2);

  shop.pass("1d");
  await sendAgain(shop);
  expect(keysOf(shop)).toHaveLength(2);
  expect(sendings(shop).map(({ outcome }) => outcome)).toEqual(["noop", "noop"]);
  expect(sendings(shop)[0]?.effect?.receipt).toEqual({ key: keysOf(shop)[0] });

  shop.pass("7d");
  await sendAgain(shop);
  expect(new Set(keysOf(shop)).size).toBe(4);

  shop.pass("8d");
  await sendAgain(shop);
  expect(keysOf(shop)).toHaveLength(4);
  expect(sendings(shop)[0]?.reason).toContain("at most 2");
});

test("The intent of an effect stands on the state branch before the agent is started.", async () => {
  const shop = await mailShop();
  const seen: string[] = [];
  shop.plays["sender"] = ({ run, item }) => {
    const path = `open/${run}/send.${item}.1.json`;
    seen.push(JSON.parse(shop.text(path, "fettle/state") ?? "{}").state);
    return {};
  };
  await mergeGate(shop);

  await shop.tick();

  expect(seen).toEqual(["intended", "intended"]);
});

test("After a crash an effect that honours its key is asked for again under the same key.", async () => {
  const shop = await mailShop();
  shop.plays["sender"] = dyingOnce(PLAYS["sender"]);
  await mergeGate(shop);
  await expect(shop.tick()).rejects.toThrow("the power is gone");

  await shop.tick();

  const ann = shop.calls.filter(({ inputs, effectKey }) => effectKey && inputs["to"] === "ann");
  expect(ann.map(({ resume }) => resume)).toEqual([false, true]);
  expect(new Set(ann.map(({ effectKey }) => effectKey)).size).toBe(1);
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

test("After a crash an agent that can tell is asked again under the same key, and told that it is not the first time.", async () => {
  const shop = await mailShop({ files: mailCompany("probe") });
  shop.plays["sender"] = dyingOnce(PLAYS["sender"]);
  await mergeGate(shop);
  await expect(shop.tick()).rejects.toThrow("the power is gone");

  await shop.tick();

  const again = shop.calls.filter(
    ({ agent, resume }) => agent.name === "sender" && resume === true,
  );
  expect(again.length).toBeGreaterThan(0);
  expect(new Set(keysOf(shop)).size).toBe(2);
  expect(shop.closedRuns().at(-1)?.result).toBe("succeeded");
});

test.each(["missing-data", "missing-tool"] as const)(
  "After a crash an agent that can tell, and says %s, has not looked: what it did before is not done again.",
  async (outcome) => {
    const shop = await mailShop({ files: mailCompany("probe") });
    shop.plays["sender"] = dyingOnce(PLAYS["sender"]);
    await mergeGate(shop);
    await expect(shop.tick()).rejects.toThrow("the power is gone");
    const [died] = keysOf(shop);
    shop.plays["sender"] = ({ resume }) => (resume ? { outcome } : {});
    await shop.tick();

    await sendAgain(shop);

    const calls = shop.calls.filter(({ effectKey }) => effectKey !== undefined);
    const acted = calls.filter(({ effectKey, resume }) => effectKey === died && !resume);
    expect(acted).toHaveLength(1);
    expect(await doubts(shop)).toHaveLength(1);
  },
);

/** A shop whose sender died over the first mail, which nobody can ask about; its run is over. */
async function doubtfulShop(): Promise<Rehearsal> {
  const shop = await mailShop({ files: mailCompany("none") });
  shop.plays["sender"] = dyingOnce(PLAYS["sender"]);
  await mergeGate(shop);
  await expect(shop.tick()).rejects.toThrow("the power is gone");
  await shop.tick();
  return shop;
}

async function doubts(shop: Rehearsal): Promise<readonly string[]> {
  const { observed } = await shop.look();
  const { uncertain = [] } = observed.summaries.projects.get("shop") ?? {};
  return uncertain.map(({ onceKey }) => onceKey);
}

test("After a crash an effect that nobody can ask about is uncertain, shown after its run is over, and not repeated.", async () => {
  const shop = await doubtfulShop();
  const before = sent(shop).length;
  expect(sendings(shop).map(({ outcome }) => outcome)).toContain("uncertain");
  expect(await doubts(shop)).toContain("mail/ann");

  shop.pass("30d");
  await shop.request("shop/mail");
  await shop.tick();
  await mergeGate(shop);
  const later = await shop.tick();

  expect(reasons(later)).toContain("uncertain-effect");
  expect(sent(shop).slice(before)).toEqual([expect.objectContaining({ to: "bob" })]);
});

test("An answer settles the doubt: what did not happen is done by the next run under the same key, what did is not.", async () => {
  const shop = await doubtfulShop();
  const first = keysOf(shop)[0];
  const calls = keysOf(shop).length;
  const [ann = "", ...others] = await doubts(shop);

  await shop.answer(ann, false);
  for (const other of others) await shop.answer(other, true);
  await shop.tick();
  expect(await doubts(shop)).toEqual([]);
  await shop.request("shop/mail");
  await shop.tick();
  await mergeGate(shop);
  await shop.tick();

  const added = keysOf(shop).slice(calls);
  expect(added).toEqual([first]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("A project that is removed while an effect is in doubt is forgotten when the doubt is answered.", async () => {
  const shop = await doubtfulShop();
  shop.operator.git("rm", "-r", "-q", "projects/shop");
  shop.operator.git("commit", "-q", "-m", "Remove the shop");

  const kept = await shop.tick();
  expect(reasons(kept)).toContain("uncertain-effect");
  for (const doubt of await doubts(shop)) await shop.answer(doubt, true);
  await shop.tick();

  expect((await shop.look()).observed.summaries.workspace.projects).toEqual([]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("An answer to what is not in doubt changes nothing and is settled with the reason.", async () => {
  const shop = await doubtfulShop();
  const [ann = ""] = await doubts(shop);
  await shop.answer(ann, true);
  await shop.answer(ann, false);

  await shop.tick();

  const { observed } = await shop.look();
  expect(observed.requests).toEqual([]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("An effect that nobody can tell of is tried again when nothing was started.", async () => {
  const shop = await mailShop({ files: mailCompany("none") });
  shop.plays["sender"] = ({ attempt }) =>
    attempt === 1 ? { outcome: "timeout", reason: "no time was left", started: false } : {};
  await mergeGate(shop);
  await shop.tick();
  shop.pass("1h");

  await shop.tick();

  const outcomes = sendings(shop).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(["timeout", "timeout", "succeeded", "succeeded"]);
  const verified = await shop.read((engine) => verify(engine));
  expect(verified.findings).toEqual([]);
});

test("A cap on effects holds what is beyond it until the next day.", async () => {
  const effectLimits = [{ per: "day", count: 1 }];
  const files = mailCompany("native");
  const sender = JSON.parse(String(files["agents/sender/agent.yaml"]));
  const capped = JSON.stringify({ ...sender, effectLimits });
  const shop = await mailShop({ files: { ...files, "agents/sender/agent.yaml": capped } });
  await mergeGate(shop);

  const today = await shop.tick();
  expect(reasons(today)).toEqual(["effect-limit"]);
  expect(sent(shop)).toHaveLength(1);

  shop.pass("1d");
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
});
