import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";
import { rmSync } from "node:fs";
import { mergeGate } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";
import { makeStudio } from "../support/worked-studio.ts";

const MONDAY = "2026-11-23T09:00:00.000Z";
const PROJECT = "projects/collections";

/** The example studio on a Monday, with its reminders drafted and waiting. */
async function draftedStudio(): Promise<Rehearsal> {
  const operator = makeStudio();
  onTestFinished(() => rmSync(operator.path, { recursive: true, force: true }));
  const studio = new Rehearsal({ files: {}, operator, now: MONDAY });
  await studio.tick();
  return studio;
}

function outbox({ operator }: Rehearsal): readonly string[] {
  return readdirSync(join(operator.path, PROJECT, "outbox")).filter((name) =>
    name.endsWith(".eml"),
  );
}

test("The reminders are drafted without a model, approved by a merge, sent once, logged, and the goal is met.", async () => {
  const studio = await draftedStudio();
  const { items } = await studio.gate();
  const before = studio.text(`${PROJECT}/reminders.csv`)?.split("\n").length ?? 0;
  const drafts = await studio.look();
  const [run] = [...drafts.observed.runs.values()];
  const writers = run?.attempts.filter(({ step }) => step === "draft") ?? [];
  expect(drafts.observed.summaries.projects.get("collections")?.goals).toMatchObject({
    "no-silent-overdue": { met: false, value: items.length },
  });
  expect(writers.map(({ rung }) => rung)).toEqual(items.map(() => "template"));
  expect(writers.every(({ degraded }) => degraded?.includes("model"))).toBe(true);

  await mergeGate(studio);
  await studio.tick();

  const mails = outbox(studio);
  expect(mails).toHaveLength(items.length);
  expect(
    readFileSync(join(studio.operator.path, PROJECT, "outbox", mails[0] ?? ""), "utf8"),
  ).toMatch(/^To: /m);
  const log = studio.text(`${PROJECT}/reminders.csv`)?.split("\n") ?? [];
  expect(log).toHaveLength(before + items.length);
  const after = await studio.look();
  expect(after.observed.summaries.projects.get("collections")?.goals).toMatchObject({
    "no-silent-overdue": { met: true, value: 0 },
  });
  expect(studio.operator.git("status", "--porcelain")).toBe("");
});

test("The next day sends nothing twice; what is due again two weeks later is the next reminder.", async () => {
  const studio = await draftedStudio();
  await mergeGate(studio);
  await studio.tick();
  const sent = outbox(studio).length;

  studio.pass("1d");
  await studio.tick();
  const nextDay = await studio.look();
  expect(outbox(studio)).toHaveLength(sent);
  expect([...nextDay.observed.gates.keys()]).toEqual([]);

  studio.pass("14d");
  await studio.tick();
  const { items } = await studio.gate();
  expect(items.length).toBeGreaterThan(0);
  await mergeGate(studio);
  await studio.tick();

  const run = studio
    .closedRuns()
    .findLast(({ run: { pipeline } }) => pipeline === "chase-invoices");
  const ordinals = run?.attempts.flatMap(({ effect }) =>
    effect === undefined ? [] : [effect.ordinal],
  );
  expect(ordinals).toContain(2);
  expect(outbox(studio)).toHaveLength(sent + items.length);
});
