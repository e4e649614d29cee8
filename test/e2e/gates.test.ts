/** The queue, a briefing that is asked for, and one word for all of it but the second. */
import { afterAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { makeDesk } from "./program.ts";
import { makeCompany, NOTE } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
afterAll(desk.remove);

const NAMES = ["note", "memo"];

test("gates that wait for a briefing are shown when asked for, approved together but for one, and rejected by the same words", async () => {
  const steps = [
    { id: "write", agent: "scribe" },
    { id: "review", gate: "Keep it", ask: "always", show: { note: "${{ steps.write.outputs }}" } },
  ];
  // Away: no time of a briefing comes, whenever this runs.
  const away = [{ from: "2000-01-01", to: "2999-12-31" }];
  const company = await makeCompany(desk, "company", {
    ...settings({ attention: { briefings: ["12:00"], away } }),
    ...project("shop"),
    ...agent("scribe"),
    "agents/scribe/main.sh": NOTE,
    ...Object.assign({}, ...NAMES.map((name) => pipeline(`shop/${name}`, steps))),
  });
  for (const name of NAMES) await company.fettle("run", name);
  await company.fettle("reconcile");

  const queued = await company.fettle("gates");
  expect(queued.stdout).toMatch(/QUEUED[\s\S]* 2 +\S+ +Keep it .*you are away/u);
  expect((await company.fettle("approve", "note")).stderr).toContain("it is queued: ");
  expect((await company.fettle("gates", "--more")).stdout).toContain("2 of 2 will be shown");
  const reconciled = await company.fettle("reconcile");
  expect(reconciled.code).toBe(0);

  const [, briefing = ""] =
    /(briefing-\d{4}-\d\d-\d\d-\d{4}) no\. 2/u.exec((await company.fettle("gates")).stdout) ?? [];
  expect((await company.fettle("approve", briefing, "--except", "4")).stderr).toContain(
    `${briefing} has no open gate 4`,
  );
  const more = await company.fettle("gates", "--more");
  expect([more.code, more.stdout]).toEqual([0, expect.stringContaining("nothing is queued")]);
  const rejected = await company.fettle("reject", "briefing", "--reason", "no", "--except", "1");
  expect(rejected.stdout).toContain(`1 gate of ${briefing} will be rejected`);
  const twice = await company.fettle("reject", "briefing", "--reason", "no", "--except", "1");
  expect([twice.code, twice.stdout]).toEqual([0, expect.stringContaining("is to be rejected")]);
  const approved = await company.fettle("approve", briefing, "--except", "2");
  expect(approved.stdout).toContain(`approved "${briefing} (Keep it, Keep it)"`);
  expect((await company.fettle("approve", "briefing")).stdout).toMatch(
    /^"briefing-\S+" is answered already: (?:approved|rejected) by ada@\S+, (?:approved|rejected) by ada@/u,
  );
  // Those that were opened in the same moment come in the order of their names.
  const answered = (await company.fettle("gates")).stdout;
  expect(answered).toMatch(/ approved by ada@\S+ +briefing-\S+ no\. 1\n/u);
  expect(answered).toMatch(/ rejected by ada@\S+ +briefing-\S+ no\. 2\n/u);
  const listed = (await company.fettle("approve")).stdout;
  expect(listed).toMatch(
    /Keep it \(no\. 1\)\n {2}approved by[\s\S]*Keep it \(no\. 2\)\n {2}rejected by/u,
  );
  expect(listed).not.toContain("--except");
  await company.fettle("reconcile");

  const { stdout } = await company.fettle("runs");
  expect(stdout.match(/\brejected$/gmu)).toHaveLength(1);
  expect(stdout.match(/\b(?:ready|done|succeeded)$/gmu)).toHaveLength(1);
  expect((await company.fettle("verify")).code).toBe(0);
});

test("The last word on when a gate comes back counts, also where the clock of the one before was ahead.", async () => {
  const company = await makeCompany(desk, "later");
  const ahead = company.at(company.folder, { FETTLE_NOW: "2026-11-23T12:00:00Z" });
  await company.fettle("run", "note");
  await company.fettle("reconcile");
  const first = await ahead.fettle("snooze", "note", "--until", "2026-11-25", "--json");
  const again = await ahead.fettle("snooze", "note", "--until", "2026-11-25", "--json");
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toEqual(JSON.parse(first.stdout));

  const back = await company.fettle("snooze", "note", "--until", "now");
  const soon = company.at(company.folder, { FETTLE_NOW: "2026-11-23T09:01:00Z" });
  await soon.fettle("reconcile");

  expect(back.stdout).toContain("is not put off any more");
  expect((await soon.fettle("gates")).stdout).not.toContain("PUT OFF");
});
