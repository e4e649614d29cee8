import { expect, test } from "vitest";
import { proposedTogether } from "#runner/core/gate/proposed.ts";
import { approveAlone } from "#runner/loop/approve-alone.ts";
import { approveGate } from "#runner/loop/approve.ts";
import { cutOf, rejectionsIn } from "#runner/loop/briefing-cut.ts";
import { agent, mailCompany, pipeline, MAIL_STEPS, project, settings } from "../support/company.ts";
import { ADA, made, Rehearsal } from "../support/rehearsal.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { PLAYS, reasons, sent } from "../support/mail-shop.ts";

const NAMES = ["mail", "post", "wire"];

/** A company of three pipelines that ask the same of an operator who looks once a day. */
async function busyShop(attention: object): Promise<Rehearsal> {
  const mails = NAMES.map((name) =>
    pipeline(`shop/${name}`, MAIL_STEPS, { triggers: { schedule: { cron: "0 9 * * *" } } }),
  );
  const files = Object.assign({}, mailCompany(), settings({ attention }), ...mails);
  const shop = new Rehearsal({ files, plays: PLAYS, now: "2026-03-02T08:59:00.000Z" });
  await shop.tick();
  shop.pass("1m");
  return shop;
}

/** At noon, when its three gates are shown together. */
async function briefedShop(): Promise<Rehearsal> {
  const shop = await busyShop({ reviewsPerDay: 5, briefings: ["12:00"] });
  await shop.tick();
  expect(await openGates(shop)).toEqual([]);
  shop.pass("3h");
  await shop.tick();
  return shop;
}

const BRANCH = "fettle/gate/briefing-2026-03-02-1200";

async function gatesOf(shop: Rehearsal): Promise<readonly GateRecord[]> {
  const { observed } = await shop.look();
  return [...observed.gates.values()]
    .map(({ record }) => record)
    .toSorted((a, b) => (a.briefing?.place ?? 0) - (b.briefing?.place ?? 0));
}

function decisions(shop: Rehearsal): readonly string[] {
  return shop
    .closedRuns()
    .flatMap(({ run, gates }) =>
      gates.map(({ decision, via }) => `${run.pipeline} ${decision} by ${via}`),
    )
    .toSorted();
}

async function openGates(shop: Rehearsal): Promise<readonly string[]> {
  const { observed } = await shop.look();
  return [...observed.gates.values()].map(({ record }) => record.pipeline).toSorted();
}

test("What is too much for the day is queued, opens on the next, and holds its pipeline back meanwhile.", async () => {
  const shop = await busyShop({ reviewsPerDay: 1 });
  const first = await shop.tick();

  expect(await openGates(shop)).toHaveLength(1);
  expect(reasons(first)).toEqual(["awaiting-approval", "attention-full", "attention-full"]);
  const { observed } = await shop.look();
  expect(Object.values(observed.summaries.projects.get("shop")?.queuedGates ?? {})).toMatchObject([
    { step: "review", answerBy: expect.stringContaining("2026-03-04T09:") },
    { step: "review" },
  ]);

  await shop.tick();
  expect((await shop.look()).observed.tip).toBe(observed.tip);

  shop.pass("15h");
  await shop.tick();
  expect(await openGates(shop)).toHaveLength(2);
  shop.pass("24h");
  await shop.tick();
  expect(await openGates(shop)).toHaveLength(3);
  // Its time has run since it was queued.
  shop.pass("9h");
  await shop.tick();
  expect(await openGates(shop)).toEqual([]);
  expect(sent(shop)).toEqual([]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("What is of middle risk comes in one briefing, which is frozen; each gate of it is decided on its own.", async () => {
  const shop = await briefedShop();
  const [one, two, three] = await gatesOf(shop);
  if (one === undefined || two === undefined || three === undefined) throw new Error("not all");

  expect([one, two, three].map(({ branch }) => branch)).toEqual([BRANCH, BRANCH, BRANCH]);
  const index = shop.text("memory/org/decisions/briefing-2026-03-02-1200/briefing.md", BRANCH);
  expect(index).toMatch(/^# Briefing: 3 decisions/u);
  expect(index).toMatch(/\| 2 \| Send the mails \| ann, bob \| Hello ann \| medium risk 40 \|/u);

  // What comes later is for the next one.
  await shop.request("shop/mail");
  await shop.tick();
  expect(await openGates(shop)).toHaveLength(3);

  shop.operator.git("switch", "--quiet", BRANCH);
  shop.operator.git("rm", "--quiet", "-r", two.folder);
  const record = shop.text(`${three.folder}/decision.md`, BRANCH) ?? "";
  shop.operator.commit({
    [`${three.folder}/decision.md`]: record.replace("decision: approved", "decision: rejected"),
  });
  shop.operator.git("switch", "--quiet", "main");
  await shop.tick();
  expect(await openGates(shop)).toHaveLength(3);
  shop.operator.git("merge", "--quiet", "--no-edit", BRANCH);
  await shop.tick();

  expect(decisions(shop)).toEqual(
    [
      `${one.pipeline} approved by merge`,
      `${two.pipeline} rejected by merge`,
      `${three.pipeline} rejected by merge`,
    ].toSorted(),
  );
  expect(sent(shop)).toHaveLength(2);
  expect(shop.operator.git("branch", "--list", BRANCH)).toBe("");
  expect((await shop.verify()).findings).toEqual([]);
});

test("Of what is rejected in a briefing no file comes to main with the rest.", async () => {
  const names = ["one", "two"];
  const parts = names.map((name) => ({
    ...agent(name, { writes: ["${{ project.dir }}/**"] }),
    ...pipeline(`shop/${name}`, [
      { id: "write", agent: name },
      { id: "review", gate: "Keep it", ask: "always", show: { it: "${{ steps.write.outputs }}" } },
    ]),
  }));
  const attention = { reviewsPerDay: 5, briefings: ["12:00"] };
  const plays = Object.fromEntries(
    names.map((name) => [name, () => made(`projects/shop/${name}.md`, "new\n")]),
  );
  const files = Object.assign(settings({ attention }), project("shop"), ...parts);
  const shop = new Rehearsal({ files, plays });
  for (const name of names) await shop.request(`shop/${name}`);
  await shop.tick();
  shop.pass("3h");
  await shop.tick();
  const gates = await gatesOf(shop);
  const gate = proposedTogether("briefing-2026-03-02-1200", gates);
  if (gate === undefined) throw new Error("there is no briefing");

  const head = shop.operator.git("rev-parse", BRANCH);
  const left = gates.slice(1);
  const main = shop.operator.git("rev-parse", "main");
  const merged = await shop.write(async (engine) => {
    const changes = await rejectionsIn(engine.store.reader, head, left);
    return approveGate(engine, { gate, main, head, operators: [ADA], changes });
  });
  const kept = names.map((name) => shop.text(`projects/shop/${name}.md`));
  const cut = await shop.read((engine) =>
    cutOf(engine.store.reader, gates, shop.operator.git("rev-parse", "main^2")),
  );
  await shop.tick();

  expect(merged).toMatchObject({ ok: true });
  const [first, second] = gates.map(({ pipeline: name }) => names.indexOf(name));
  expect([kept[first ?? 0], kept[second ?? 0]]).toEqual(["new", undefined]);
  expect(cut).toEqual([2]);
  expect(decisions(shop)).toHaveLength(2);
});

test("One gate of a briefing is approved alone; the others stay open, and go with their branch.", async () => {
  const shop = await briefedShop();
  const [one] = await gatesOf(shop);
  if (one === undefined) throw new Error("no gate");

  const approved = await shop.write(async (engine) => {
    const { observed, workspace } = await shop.look();
    const gate = observed.gates.get(one.id);
    if (gate === undefined) throw new Error("not open");
    return approveAlone(engine, { gate, operators: [ADA], main: workspace?.commit ?? "" });
  });
  expect(approved.ok).toBe(true);
  await shop.tick();

  expect(decisions(shop)).toEqual([`${one.pipeline} approved by merge`]);
  expect(await openGates(shop)).toHaveLength(2);
  expect(shop.operator.git("branch", "--list", BRANCH)).not.toBe("");

  shop.operator.git("branch", "--quiet", "-D", BRANCH);
  await shop.tick();
  expect(await openGates(shop)).toHaveLength(2);
  shop.pass("1m");
  await shop.tick();
  expect(decisions(shop).map((line) => line.replace(/^\w+ /u, ""))).toEqual(
    ["approved by merge", "rejected by branch-deleted", "rejected by branch-deleted"].toSorted(),
  );
  expect(sent(shop)).toHaveLength(2);
});

test("A stranger who takes a gate out of a briefing does not reject it in the name of whoever merges.", async () => {
  const shop = await briefedShop();
  const [one] = await gatesOf(shop);
  if (one === undefined) throw new Error("no gate");
  shop.operator.git("switch", "--quiet", BRANCH);
  shop.operator.git("rm", "--quiet", "-r", one.folder);
  shop.gitAs("eve@elsewhere.example", "commit", "--quiet", "-m", "No");
  shop.operator.git("switch", "--quiet", "main");
  shop.operator.git("merge", "--quiet", "--no-edit", BRANCH);

  const tick = await shop.tick();

  expect(decisions(shop)).toHaveLength(2);
  expect(await openGates(shop)).toEqual([one.pipeline]);
  expect(reasons(tick)).toEqual(["approval-unproven"]);
});
