import { expect, test } from "vitest";
import { requestOf } from "#runner/loop/request.ts";
import { markStop, stopMarkers } from "#runner/repo/stop-marker.ts";
import { approve, mailShop, PLAYS, reasons, sent } from "../support/mail-shop.ts";
import { mailCompany, noteCompany } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository } from "../support/git-repo.ts";
import { Rehearsal } from "../support/rehearsal.ts";

/** `fettle stop` while a tick holds the lock. */
async function stopBeside(shop: Rehearsal, scope: object = {}): Promise<void> {
  await shop.read(async (engine) => {
    const stop = await requestOf(engine, { kind: "stop", reason: "wrong prices", ...scope });
    markStop(engine.repository, { id: stop.id, text: JSON.stringify(stop) });
  });
}

async function stopsOf(shop: Rehearsal): Promise<readonly string[]> {
  const { requests } = (await shop.look()).observed;
  return requests.filter(({ kind }) => kind === "stop").map(({ id }) => id);
}

test("A stop that is asked for while a tick is at work lets what runs come to its end, and nothing else begin.", async () => {
  const shop = await mailShop({
    plays: {
      ...PLAYS,
      sender: async (invocation) => {
        if (shop.calls.filter(({ agent }) => agent.name === "sender").length === 1) {
          await stopBeside(shop);
        }
        return PLAYS["sender"]?.(invocation, new AbortController().signal) ?? {};
      },
    },
    files: oneAtATime(),
  });
  await approve(shop);

  const tick = await shop.tick();
  const later = await shop.tick();

  expect(sent(shop)).toHaveLength(1);
  expect(reasons(tick)).toEqual(["stopped", "stopped"]);
  expect(reasons(later)).toEqual(["stopped", "stopped"]);
  const [run] = [...(await shop.look()).observed.runs.values()];
  expect(run?.attempts.filter(({ step }) => step === "send")).toMatchObject([
    { state: "finished", outcome: "succeeded" },
  ]);
  expect((await shop.verify()).verdict).toBe("verified");
});

/** The mails go out one after the other. */
function oneAtATime(): ReturnType<typeof mailCompany> {
  const files = mailCompany();
  const path = "projects/shop/pipelines/mail.yaml";
  const of = JSON.parse(String(files[path]));
  const steps = of.steps.map((step: { id: string }) =>
    step.id === "send" ? { ...step, maxParallel: 1 } : step,
  );
  return { ...files, [path]: JSON.stringify({ ...of, steps }) };
}

test("While all is stopped a tick writes nothing, and another runner begins nothing either.", async () => {
  const operator = makeRepository();
  operator.commit(mailCompany(), "Start the company");
  const origin = addOrigin(operator);
  const first = new Rehearsal({ files: {}, operator, plays: PLAYS });
  await first.request("shop/mail");
  await stopBeside(first);
  await first.tick();
  const refs = operator.git("for-each-ref");
  await first.tick();
  expect(operator.git("for-each-ref")).toBe(refs);

  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: PLAYS });
  const tick = await second.tick();

  expect(reasons(tick)).toEqual(["stopped"]);
  expect([...first.called, ...second.called]).toEqual([]);
});

test("A stop that was asked for when a tick had just ended is heard by the next one, though nothing else has changed.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe: () => ({}) } });
  await shop.tick();
  await shop.tick();

  await stopBeside(shop);
  await shop.tick();
  expect(await stopsOf(shop)).toHaveLength(1);

  await shop.request("shop/note");
  expect(reasons(await shop.tick())).toEqual(["stopped"]);
  expect(shop.called).toEqual([]);
});

test("One pipeline that is stopped lets the others go on.", async () => {
  const shop = new Rehearsal({
    files: { ...mailCompany(), ...noteCompany() },
    plays: { ...PLAYS, scribe: () => ({}) },
  });
  await stopBeside(shop, { project: "shop", pipeline: "mail" });
  await shop.request("shop/mail");
  await shop.request("shop/note");
  const tick = await shop.tick();

  expect(reasons(tick)).toEqual(["stopped"]);
  expect(shop.closedRuns().map(({ run }) => run.pipeline)).toEqual(["note"]);
  expect(await stopsOf(shop)).toHaveLength(1);
});

test("What is no stop, or cannot be read, stops nothing and is not asked about again.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe: () => ({}) } });
  await shop.tick();
  await shop.read((engine) => {
    markStop(engine.repository, { id: "stop-broken", text: "{" });
    return Promise.resolve();
  });
  await shop.request("shop/note");

  await shop.tick();

  expect(shop.closedRuns()).toHaveLength(1);
  expect(await shop.read(({ repository }) => Promise.resolve(stopMarkers(repository)))).toEqual([]);
});
