/** An approval that is reverted on main after its gate was settled. */
import { expect, test } from "vitest";
import { withdrawnRuns } from "#runner/loop/withdrawn-runs.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { mergeGate, reasons } from "../support/mail-shop.ts";
import { ADA, type Play, Rehearsal } from "../support/rehearsal.ts";

const STEPS: readonly Readonly<Record<string, unknown>>[] = [
  { id: "find", agent: "finder" },
  { id: "review", gate: "Pay Ann", ask: "always", show: { bill: "${{ steps.find.outputs }}" } },
  {
    id: "pay",
    agent: "payer",
    needs: ["review"],
    once: { key: "payment/${{ run.id }}" },
    compensate: { agent: "refunder", with: { payment: "${{ receipt.id }}" } },
  },
  {
    id: "tell",
    agent: "sender",
    needs: ["pay"],
    once: { key: "told/${{ run.id }}" },
    undoWindow: "10m",
    compensate: { none: "a sent mail cannot be recalled" },
  },
];

const EVE = "eve@elsewhere.example";

const EFFECT = { effects: "external", idempotency: "native" };
const FILES = {
  // Nothing is asked for the risk of what undoes something.
  ...settings({ policy: { autoBelow: 50, gateFrom: 90 } }),
  ...project("shop"),
  ...agent("finder"),
  ...agent("payer", EFFECT),
  ...agent("refunder", EFFECT),
  ...agent("sender", EFFECT),
  ...pipeline("shop/pay", STEPS),
};
const PLAYS: Readonly<Record<string, Play>> = {
  finder: () => ({ outputs: { sum: 10 } }),
  payer: () => ({ receipt: { id: "p-1" } }),
  refunder: () => ({}),
  sender: () => ({}),
};

/** The payment is made, and the mail waits for its undo window. */
async function paidShop(): Promise<Rehearsal> {
  const shop = new Rehearsal({ files: FILES, plays: PLAYS });
  await shop.request("shop/pay");
  await shop.tick();
  await mergeGate(shop);
  await shop.tick();
  expect(acted(shop)).toEqual(["finder", "payer"]);
  return shop;
}

function acted({ calls }: Rehearsal): readonly string[] {
  return calls.map(({ agent: { name } }) => name);
}

/** The newest merge of main. */
function revert(shop: Rehearsal, by = ADA): void {
  const merge = shop.operator.git("log", "--merges", "--format=%H", "-1", "main");
  shop.gitAs(by, "revert", "--no-edit", "--mainline", "1", merge);
}

test("Reverted by the operator, nothing more of it happens; what was done is proposed to be undone, and is when the operator says so.", async () => {
  const shop = await paidShop();
  revert(shop);
  shop.pass("1h");

  const proposing = await shop.tick();
  const idle = await shop.tick();
  const before = acted(shop);
  await shop.undo("pay");
  await shop.tick();

  expect([reasons(proposing), idle.booked]).toEqual([["awaiting-approval"], 0]);
  expect(proposing.holds[0]?.why).toContain("its approval was taken back");
  expect(proposing.holds[0]?.unblock).toMatch(/^fettle undo pay\..* --yes; fettle cancel/u);
  expect(before).toEqual(["finder", "payer"]);
  expect(acted(shop)).toEqual(["finder", "payer", "refunder"]);
  const [run] = shop.closedRuns();
  expect(run).toMatchObject({
    result: "cancelled",
    reason: expect.stringMatching(
      /^ada@northwind\.example took the approval of "Pay Ann" back on main \([0-9a-f]{10}\); undone: payment\//u,
    ),
  });
  expect((await shop.verify()).findings).toEqual([]);
});

test("Reverted before anything was done, the run ends and nothing is left to undo; the operator may leave as it is what was done.", async () => {
  const early = new Rehearsal({
    files: { ...FILES, ...pipeline("shop/pay", delayed("pay")) },
    plays: PLAYS,
  });
  await early.request("shop/pay");
  await early.tick();
  await mergeGate(early);
  await early.tick();
  revert(early);
  await early.tick();
  expect(acted(early)).toEqual(["finder"]);
  expect(early.closedRuns()).toMatchObject([{ result: "cancelled" }]);

  const kept = await paidShop();
  revert(kept);
  await kept.tick();
  await kept.cancel("pay", "it was right", true);
  await kept.tick();
  expect(acted(kept)).toEqual(["finder", "payer"]);
  expect(kept.closedRuns()).toMatchObject([{ result: "cancelled" }]);
});

function delayed(id: string): typeof STEPS {
  return STEPS.map((step) => (step["id"] === id ? { ...step, undoWindow: "10m" } : step));
}

test("Taken away by somebody else it stops everything of the run, and goes on when it is back.", async () => {
  const shop = await paidShop();
  revert(shop, EVE);
  shop.pass("1h");

  const held = await shop.tick();
  shop.operator.git("revert", "--no-edit", "HEAD");
  await shop.tick();

  expect(reasons(held)).toEqual(["approval-unproven"]);
  expect(held.holds[0]?.why).toContain("eve@elsewhere.example, who is not an operator");
  expect(acted(shop)).toEqual(["finder", "payer", "sender"]);
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

test("Reverted when all of it was done it is told what stands, what can be undone and what cannot, until it is.", async () => {
  const shop = await paidShop();
  shop.pass("1h");
  await shop.tick();
  expect(await withdrawn(shop)).toEqual([]);

  revert(shop);
  await shop.tick();
  const told = await withdrawn(shop);

  expect(told).toMatchObject([
    {
      title: "Pay Ann",
      effects: [
        { step: "tell", state: "none", how: "a sent mail cannot be recalled" },
        { step: "pay", state: "open", how: "refunder" },
      ],
    },
  ]);
  expect(acted(shop)).toEqual(["finder", "payer", "sender"]);
  shop.operator.git("revert", "--no-edit", "HEAD");
  expect(await withdrawn(shop)).toEqual([]);
});

function withdrawn(shop: Rehearsal): ReturnType<typeof withdrawnRuns> {
  return shop.write(async (engine) => {
    const { workspace, observed } = await shop.look();
    return workspace === null ? [] : withdrawnRuns(engine, { workspace, observed });
  });
}

test.each<readonly [string, (shop: Rehearsal) => void]>([
  ["a revert of the revert", (shop) => shop.gitAs(EVE, "revert", "--no-edit", "HEAD")],
  ["a merge that keeps the other side", keepOtherSide],
])(
  "What an operator has taken back nobody else brings back before a tick sees it: %s.",
  async (_, bringBack) => {
    const shop = await paidShop();
    revert(shop);
    bringBack(shop);
    shop.pass("1h");

    const held = await shop.tick();
    expect(shop.operator.git("ls-files", "*/decision.md")).not.toBe("");
    expect(acted(shop)).toEqual(["finder", "payer"]);
    expect(held.holds[0]?.why).toContain("its approval was taken back");
  },
);

/** main goes forward, and its own line knows nothing of the revert. */
function keepOtherSide(shop: Rehearsal): void {
  const reverted = shop.operator.git("rev-parse", "HEAD");
  shop.operator.git("reset", "--quiet", "--hard", "HEAD~1");
  shop.gitAs(EVE, "merge", "--quiet", "--no-edit", "--strategy=ours", reverted);
}

test("What a stranger takes away and brings back waits for an operator all the same.", async () => {
  const shop = await paidShop();
  revert(shop, EVE);
  shop.gitAs(EVE, "revert", "--no-edit", "HEAD");
  shop.pass("1h");
  expect(reasons(await shop.tick())).toEqual(["approval-unproven"]);

  for (const _ of ["away", "back"]) shop.operator.git("revert", "--no-edit", "HEAD");
  await shop.tick();
  expect(acted(shop)).toEqual(["finder", "payer", "sender"]);
});

/** A file beside the decision record. */
function noteOf(shop: Rehearsal): string {
  const [record = ""] = shop.operator.git("ls-files", "*/decision.md").split("\n");
  return record.replace("decision.md", "note.md");
}

test("Whoever took the record away is told by the record, not by what else changes beside it.", async () => {
  const [mine, hers] = [await paidShop(), await paidShop()];
  const files = [mine, hers].map((shop) => ({ [noteOf(shop)]: "x" }));
  revert(mine);
  mine.operator.commit(files[0] ?? {}, "A note");
  mine.gitAs(EVE, "commit", "--quiet", "--amend", "--no-edit");
  expect(reasons(await mine.tick())).toEqual(["awaiting-approval"]);

  revert(hers, EVE);
  hers.operator.commit(files[1] ?? {}, "A note");
  expect(reasons(await hers.tick())).toEqual(["approval-unproven"]);
});
