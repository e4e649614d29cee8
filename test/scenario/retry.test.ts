import { expect, test } from "vitest";
import type { ClosedRun } from "#runner/schema/types.gen.ts";
import { forgeRecord, verified } from "../support/forged-state.ts";
import { mailCompany, MAIL_STEPS, pipeline } from "../support/company.ts";
import { mailShop, mergeGate, PLAYS, reasons, sent } from "../support/mail-shop.ts";
import type { Rehearsal } from "../support/rehearsal.ts";

/** Both mails are sent, and the log could not be written. */
async function failedShop(files = mailCompany()): Promise<Rehearsal> {
  const shop = await mailShop({ files });
  shop.plays["scribe"] = () => ({ outcome: "missing-data", reason: "no log yet", outputs: null });
  await mergeGate(shop);
  await shop.tick();
  shop.plays["scribe"] = PLAYS["scribe"] ?? (() => ({}));
  shop.calls.length = 0;
  return shop;
}

function lastRun(shop: Rehearsal): ClosedRun {
  const run = shop.closedRuns().at(-1);
  if (run === undefined) throw new Error("no run has ended");
  return run;
}

test("Another try keeps what is known, asks nobody again, sends nothing twice, and does only what was missing.", async () => {
  const shop = await failedShop();
  const before = lastRun(shop);

  await shop.retry("mail");
  await shop.tick();

  expect(shop.called).toEqual(["scribe"]);
  const after = lastRun(shop);
  expect(after).toMatchObject({ result: "succeeded", run: { retryOf: { run: before.run.id } } });
  expect(after.gates).toMatchObject([{ decision: "approved", via: "earlier-run" }]);
  expect(after.attempts.find(({ step }) => step === "find")).toMatchObject({
    outcome: "succeeded",
    keptFrom: { run: before.run.id, attempt: 1 },
    costMicros: 0,
  });
  const sendings = after.attempts.filter(({ step }) => step === "send");
  expect(sendings.map(({ outcome }) => outcome)).toEqual(["noop", "noop"]);
  expect(shop.text("projects/shop/sent.txt")).toContain("ann");
  expect((await shop.verify()).findings).toEqual([]);
});

test("From a step on everything is done anew, and a person is asked again.", async () => {
  const shop = await failedShop();

  await shop.retry("mail", { from: "draft" });
  const tick = await shop.tick();

  expect(shop.called).toEqual(["writer", "writer"]);
  expect(reasons(tick)).toEqual(["awaiting-approval"]);
});

/** `find` is asked for a number of people. */
function withParams(
  more: readonly Readonly<Record<string, unknown>>[] = [],
): ReturnType<typeof mailCompany> {
  const [find, draft, ...rest] = MAIL_STEPS;
  const steps = [
    { ...find, with: { most: "${{ params.most }}" } },
    { ...draft },
    ...rest,
    ...more,
  ].filter((step) => step !== undefined);
  const params = { most: { type: "integer", default: 2 } };
  return { ...mailCompany(), ...pipeline("shop/mail", steps, { params }) };
}

test("With a changed parameter only what it reaches is done anew, and an approval is not carried over.", async () => {
  const shop = await failedShop(withParams());

  await shop.retry("mail", { params: { most: 3 } });
  const tick = await shop.tick();
  expect(reasons(tick)).toEqual(["awaiting-approval"]);
  await mergeGate(shop);
  await shop.tick();

  expect(shop.called).toEqual(["finder", "scribe"]);
  expect(lastRun(shop).run.params).toEqual({ most: 3 });
});

test("Other content than what was approved is asked about again.", async () => {
  const shop = await failedShop(withParams());
  shop.plays["finder"] = () => ({ outputs: { people: [{ name: "ann" }] } });

  await shop.retry("mail", { params: { most: 1 } });
  const tick = await shop.tick();

  expect(reasons(tick)).toEqual(["awaiting-approval"]);
  expect((await shop.gate()).items.map(({ key }) => key)).toEqual(["ann"]);
  expect(sent(shop)).toEqual([]);
});

test("What was approved is asked about again when the pipeline of now makes something else of it.", async () => {
  const shop = await failedShop();
  const once = { key: "again/${{ item.key }}" };
  const steps = MAIL_STEPS.map((step) => (step["id"] === "send" ? { ...step, once } : step));
  shop.operator.commit(pipeline("shop/mail", steps), "Send it again");

  await shop.retry("mail", { upgrade: true });
  const tick = await shop.tick();

  expect(reasons(tick)).toEqual(["awaiting-approval"]);
  expect(sent(shop)).toEqual([]);
});

test("An approval that the earlier run never gave is found by verify.", async () => {
  const shop = await failedShop();
  await shop.retry("mail");
  await shop.tick();
  const { id } = lastRun(shop).run;
  expect((await shop.verify()).findings).toEqual([]);

  forgeRecord(shop.operator, `^open/${id}/review\\.gate\\.json$`, (decision) => ({
    ...decision,
    items: [],
  }));

  const { findings } = await verified(shop.operator.path);
  expect(findings.map(({ message }) => message)).toContain("the earlier run has no such approval");
});

test("Another try is made with the pipeline of then, and with that of now when asked.", async () => {
  const shop = await failedShop(withParams());
  shop.operator.commit(withParams([{ id: "more", agent: "finder", needs: ["log"] }]), "More");

  await shop.retry("mail");
  await shop.tick();
  const pinned = lastRun(shop).attempts.map(({ step }) => step);
  await shop.retry("mail", { upgrade: true, from: "log" });
  const now = shop.operator.git("rev-parse", "main");
  await shop.tick();
  // Something new follows from the gate.
  await mergeGate(shop);
  await shop.tick();

  expect(pinned).not.toContain("more");
  expect(lastRun(shop).attempts.map(({ step }) => step)).toContain("more");
  expect(lastRun(shop).run.desired).toBe(now);
  expect((await shop.verify()).findings).toEqual([]);
});

test("An agent that reads files looks again when an earlier step has been done anew.", async () => {
  const writer = JSON.parse(String(mailCompany()["agents/writer/agent.yaml"]));
  const reads = JSON.stringify({ ...writer, reads: ["${{ project.dir }}/**"] });
  const shop = await failedShop({ ...withParams(), "agents/writer/agent.yaml": reads });

  await shop.retry("mail");
  await shop.tick();
  const kept = [...shop.called];
  await shop.retry("mail", { params: { most: 3 }, from: "log" });
  await shop.tick();
  await mergeGate(shop);
  await shop.tick();

  expect(kept).toEqual(["scribe"]);
  expect(shop.called.slice(1)).toEqual(["finder", "writer", "writer", "scribe"]);
});

test("A request that names a step which the pipeline does not have is settled, and starts nothing.", async () => {
  const shop = await failedShop();

  await shop.retry("mail", { from: "nowhere" });
  await shop.tick();

  expect((await shop.look()).observed.requests).toEqual([]);
  expect(shop.closedRuns()).toHaveLength(1);
  expect(shop.operator.git("log", "--format=%s", "fettle/state")).toContain("settled");
});
