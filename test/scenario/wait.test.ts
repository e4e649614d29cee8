import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { durationMs } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { waitPath } from "#runner/core/state-path.ts";
import type { FileTexts } from "../support/git-repo.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { bookBeside, forgeRecord, verified } from "../support/forged-state.ts";
import { addOrigin, cloneOf, makeRepository } from "../support/git-repo.ts";
import { reasons } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

const STEPS = [
  { id: "offer", agent: "writer" },
  { id: "pause", wait: { for: "3d" }, needs: ["offer"] },
  { id: "remind", agent: "writer", with: { since: "${{ steps.pause.since }}" } },
];

function waitingCompany(steps: Parameters<typeof pipeline>[1] = STEPS): FileTexts {
  return { ...settings(), ...project("shop"), ...agent("writer"), ...pipeline("shop/sell", steps) };
}

async function waitingShop(): Promise<Rehearsal> {
  const shop = new Rehearsal({ files: waitingCompany(), plays: { writer: () => ({}) } });
  await shop.request("shop/sell");
  await shop.tick();
  return shop;
}

test("A wait of three days writes nothing until it is over, then the run goes on.", async () => {
  const shop = await waitingShop();
  const before = shop.operator.git("for-each-ref");
  const [open] = [...(await shop.look()).observed.runs.values()];
  const since = open?.attempts[0]?.finishedAt ?? "";
  const until = addMs(since, durationMs("3d"));

  shop.pass("2d");
  const remembered = await shop.tick();
  rmSync(join(shop.operator.path, ".git/fettle/cache"), { recursive: true, force: true });
  const looked = await shop.tick();
  expect([reasons(remembered), reasons(looked)]).toEqual([["waiting"], ["waiting"]]);
  expect(looked.plan?.nextWake).toBe(until);
  expect(shop.operator.git("for-each-ref")).toBe(before);

  shop.pass("1d");
  await shop.tick();

  expect(shop.calls.map(({ inputs }) => inputs)).toEqual([{}, { since }]);
  expect(shop.closedRuns()).toMatchObject([
    { result: "succeeded", waits: [{ step: "pause", outcome: "succeeded", until }] },
  ]);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("Any other runner takes a waiting run up: nobody works on it meanwhile.", async () => {
  const operator = makeRepository();
  operator.commit(waitingCompany(), "Start the company");
  const origin = addOrigin(operator);
  const plays = { writer: () => ({}) };
  const first = new Rehearsal({ files: {}, operator, plays });
  await first.request("shop/sell");
  await first.tick();

  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays });
  second.travel("2026-03-05T10:00:00.000Z");
  await second.tick();

  expect(second.called).toEqual(["writer"]);
  expect(second.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

test("A wait whose timeout comes first fails the run, and what needs it does not start.", async () => {
  const until = { id: "pause", wait: { until: "steps.offer.outputs.dueAt" }, timeout: "1d" };
  const remind = { id: "remind", agent: "writer", needs: ["pause"] };
  const shop = new Rehearsal({
    files: waitingCompany([{ id: "offer", agent: "writer" }, until, remind]),
    plays: { writer: () => ({ outputs: { dueAt: "2026-04-01" } }) },
  });
  await shop.request("shop/sell");
  await shop.tick();
  shop.pass("1d");

  await shop.tick();

  expect(shop.called).toEqual(["writer"]);
  expect(shop.closedRuns()).toMatchObject([
    {
      result: "failed",
      reason: "pause: timeout: steps.offer.outputs.dueAt did not come within 1d",
    },
  ]);
});

test.each([
  ["another wait", () => [], "it is missing"],
  [
    "a wait more",
    (wait: object) => [wait, { ...wait, step: "other" }],
    "waits is not what was recorded before or what the event says",
  ],
])(
  "A closed run that tells %s than was recorded is found by verify.",
  async (_, waitsOf, finding) => {
    const shop = await waitingShop();
    shop.pass("3d");
    await shop.tick();
    const [wait] = shop.closedRuns().flatMap(({ waits = [] }) => waits);

    forgeRecord(shop.operator, "^runs/", (record) => ({ ...record, waits: waitsOf(wait ?? {}) }));

    const { findings } = await verified(shop.operator.path);
    expect(findings.map(({ message }) => message)).toContain(finding);
  },
);

test("A wait that is recorded as over before its time is found by verify.", async () => {
  const shop = await waitingShop();
  const [run = ""] = [...(await shop.look()).observed.runs.keys()];
  const instants = { since: "2026-03-02T09:00:00.010Z", until: "2026-03-05T09:00:00.010Z" };
  const at = "2026-03-03T09:00:00.000Z";
  const wait = { run, step: "pause", ...instants, at, outcome: "succeeded", reason: "" } as const;
  const event: LedgerEvent = { kind: "wait-ended", project: "shop", ...wait };

  await bookBeside(shop.operator.path, event, [[waitPath(run, "pause"), wait]]);

  expect((await verified(shop.operator.path)).findings).toMatchObject([
    { rule: "record", message: "it ended before its time" },
  ]);
});

test("A run that is pinned to a commit of before a rewrite is held where that commit is missing, and can be called off.", async () => {
  const shop = await waitingShop();
  const old = shop.operator.git("rev-parse", "main");
  shop.operator.git("commit", "--quiet", "--amend", "-m", "Say it better");
  for (const ref of shop.operator
    .git("for-each-ref", "--format=%(refname)", "refs/fettle/")
    .split("\n"))
    if (ref !== "") shop.operator.git("update-ref", "-d", ref);
  shop.operator.git("reflog", "expire", "--expire=now", "--all");
  shop.operator.git("gc", "--quiet", "--prune=now");

  await shop.request("shop/sell");
  const { holds } = await shop.tick();

  expect(holds.map(({ reason, why }) => `${reason}: ${why}`)).toContain(
    `payload-missing: commit ${old}, which it is pinned to, is not in this clone`,
  );
  await shop.cancel("sell");
  await shop.tick();
  expect(shop.closedRuns()).toMatchObject([{ result: "cancelled" }]);
  expect((await verified(shop.operator.path)).findings).toEqual([]);
});
