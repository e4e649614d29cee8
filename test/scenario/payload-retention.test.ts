/** Recorded inputs and outputs grow old and go: here, at the origin, and in every other clone. */
import { expect, test } from "vitest";
import { readClosedRun } from "#runner/loop/closed-runs.ts";
import { burialAmong } from "#runner/loop/burials.ts";
import { citationsOf } from "#runner/loop/open-run.ts";
import { MAIL_STEPS, mailCompany, noteCompany, pipeline, settings } from "../support/company.ts";
import { addOrigin, cloneOf, type TestRepository } from "../support/git-repo.ts";
import { mailShop, mergeGate, PLAYS, sent } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

const MARCH = "refs/heads/fettle/payload/2026-03";
const RETENTION = settings({ retention: { shortTerm: "30d" } });

function refOf(repository: TestRepository, ref: string): string {
  return repository.git("for-each-ref", "--format=%(objectname)", ref);
}

test("A month is kept while a gate, and then the run that has just ended, needs it; then it is gone everywhere, and everybody can tell why.", async () => {
  const patient = MAIL_STEPS.map((step) => ("gate" in step ? { ...step, answerBy: "90d" } : step));
  const files = { ...mailCompany(), ...RETENTION, ...pipeline("shop/mail", patient) };
  const shop = await mailShop({ files });
  const origin = addOrigin(shop.operator);
  await shop.tick();
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: PLAYS });
  await other.tick();
  const old = refOf(origin, MARCH);

  shop.travel("2026-05-15T09:00:00.000Z");
  const waiting = await shop.tick();
  expect(waiting.holds.map(({ reason }) => reason)).toContain("payload-needed");
  await mergeGate(shop);
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  expect([refOf(origin, MARCH), sent(shop).length]).toEqual([old, 2]);

  shop.pass("9d");
  await shop.tick();
  expect([refOf(origin, MARCH), refOf(shop.operator, MARCH)]).toEqual(["", ""]);
  const verified = await shop.verify();
  expect(verified.findings).toEqual([]);
  expect(verified.checked.expired).toBeGreaterThan(0);
  const [run] = shop.closedRuns();
  if (run === undefined) throw new Error("no run has ended");
  const ended = { run: run.run.id, endedAt: run.endedAt };
  const gone = await shop.read(async ({ store }) => {
    const closed = await readClosedRun(store, ended);
    return closed && burialAmong(store, citationsOf([{ ...closed, decisions: closed.gates }]));
  });
  expect(gone?.rule).toBe("shortTerm: 30d");

  other.travel("2026-05-24T10:00:00.000Z");
  expect((await other.tick()).end.kind).toBe("settled");
  expect(refOf(other.operator, MARCH)).toBe("");
  expect((await other.verify()).findings).toEqual([]);
  const before = origin.git("for-each-ref");
  await shop.tick();
  expect(origin.git("for-each-ref")).toBe(before);

  // An origin that took the state and died before it let the branch go.
  origin.git("fetch", "--quiet", shop.operator.path, `${old}:${MARCH}`);
  await shop.tick();
  expect([refOf(origin, MARCH), refOf(shop.operator, MARCH)]).toEqual(["", ""]);
});

test("A month that a crash has left behind goes with the next tick; what is added to it later stays.", async () => {
  const files = { ...noteCompany(), ...RETENTION };
  const shop = new Rehearsal({ files, plays: { scribe: () => ({ outputs: { said: "hello" } }) } });
  await shop.request("shop/note");
  await shop.tick();
  const old = refOf(shop.operator, MARCH);
  shop.travel("2026-05-15T09:00:00.000Z");
  await shop.tick();
  expect(refOf(shop.operator, MARCH)).toBe("");

  shop.operator.git("update-ref", MARCH, old);
  await shop.tick();
  expect(refOf(shop.operator, MARCH)).toBe("");

  shop.travel("2026-03-20T09:00:00.000Z");
  await shop.request("shop/note");
  await shop.tick();
  const later = refOf(shop.operator, MARCH);
  await shop.tick();
  expect(later).not.toBe("");
  expect(refOf(shop.operator, MARCH)).toBe(later);
});

test("A branch that is older than the state says, or holds something else, is no retention: nothing is built on it.", async () => {
  const shop = await mailShop({ files: { ...mailCompany(), ...RETENTION } });
  const origin = addOrigin(shop.operator);
  await shop.tick();
  const forged = shop.operator.git("commit-tree", "-m", "x", "main^{tree}");
  shop.operator.git("push", "--quiet", "--force", "origin", `${forged}:${MARCH}`);

  const { end } = await shop.tick();

  expect(end.kind).toBe("conflict");
  expect(refOf(origin, MARCH)).toBe(forged);
});
