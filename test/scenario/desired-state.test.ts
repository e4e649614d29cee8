import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Tick } from "#runner/loop/tick-end.ts";
import { agent, noteCompany, pipeline, project, settings } from "../support/company.ts";
import { mailShop, mergeGate, reasons, sent } from "../support/mail-shop.ts";
import { made, type Play, Rehearsal } from "../support/rehearsal.ts";

const scribe: Play = ({ projectDir, run }) => made(`${projectDir}/${run}.md`, "written\n");

const bakery = {
  ...project("bakery"),
  ...pipeline("bakery/note", [{ id: "write", agent: "scribe" }]),
};

const NOTE_STEPS = [{ id: "write", agent: "scribe" }];

/** Two projects of which both have a pipeline `note`. */
async function twoProjects(): Promise<Rehearsal> {
  const shop = new Rehearsal({ files: { ...noteCompany(), ...bakery }, plays: { scribe } });
  await shop.tick();
  return shop;
}

function remove({ operator }: Rehearsal, path: string): void {
  rmSync(join(operator.path, path), { recursive: true });
  operator.commit({}, `Remove ${path}`);
}

async function known(shop: Rehearsal): Promise<readonly string[]> {
  return (await shop.look()).observed.summaries.workspace.projects;
}

test("An invalid file stalls its project only, whose last good version goes on working.", async () => {
  const shop = await twoProjects();
  const broken = { "projects/shop/pipelines/note.yaml": "apiVersion: fettle/v1\nstep: []\n" };
  shop.operator.commit(broken, "Break the shop");
  await shop.request("shop/note");
  await shop.request("bakery/note");

  const tick = await shop.tick();

  expect(tick.holds).toMatchObject([{ project: "shop", reason: "invalid" }]);
  expect(tick.holds[0]?.why).toContain("projects/shop/pipelines/note.yaml:2:");
  expect(
    shop
      .closedRuns()
      .map(({ run }) => run.project)
      .toSorted(),
  ).toEqual(["bakery", "shop"]);
  expect((await shop.tick()).booked).toBe(0);
});

test("Mending an invalid file clears the stall and brings the new version into force.", async () => {
  const shop = await twoProjects();
  shop.operator.commit({ "projects/shop/project.yaml": "summary: [\n" }, "Break the shop");
  await shop.tick();
  expect(await known(shop)).toEqual(["bakery", "shop"]);

  shop.operator.commit(project("shop", { summary: "Mended." }), "Mend the shop");
  const tick = await shop.tick();

  expect(tick.holds).toEqual([]);
  const { observed } = await shop.look();
  expect(observed.summaries.projects.get("shop")?.stalled).toBeUndefined();
});

test("An agent that does not parse stalls the projects that use it, and no other.", async () => {
  const baker = { ...agent("baker"), ...pipeline("bakery/note", [{ id: "bake", agent: "baker" }]) };
  const shop = new Rehearsal({
    files: { ...noteCompany(), ...bakery, ...baker },
    plays: { scribe },
  });
  await shop.tick();

  shop.operator.commit({ "agents/scribe/agent.yaml": "version: [\n" }, "Break the scribe");
  const tick = await shop.tick();

  expect(tick.holds).toMatchObject([{ project: "shop", reason: "invalid" }]);
});

test("With an invalid fettle.yaml the last good settings stay in force.", async () => {
  const shop = await mailShop();
  await mergeGate(shop);
  shop.operator.commit({ "fettle.yaml": "operators: 7\n" }, "Break the settings");

  const tick = await shop.tick();

  expect(tick.violations.map(({ file }) => file)).toContain("fettle.yaml");
  expect(sent(shop)).toHaveLength(2);
});

test("What fettle.yaml said before it was broken stays in force, also what no tick has applied with a project.", async () => {
  const shop = new Rehearsal({ files: noteCompany() });
  await shop.tick();
  const budget = [{ per: "month", usd: 1 }];
  shop.operator.commit(
    settings({ operators: [{ email: "bea@example.org" }], budget }),
    "Hand over",
  );
  shop.operator.commit({ "projects/shop/remark.txt": "a line\n" }, "Something else");
  shop.operator.commit({ "fettle.yaml": "operators: 7\n" }, "Break the settings");
  shop.operator.commit({ "fettle.yaml": "operators: 8\n" }, "Break them again");

  const { view } = await shop.tick();

  expect(view?.workspace.settings).toMatchObject({
    operators: [{ email: "bea@example.org" }],
    budget,
  });
});

test("Without any valid fettle.yaml nothing is done.", async () => {
  const shop = new Rehearsal({ files: { ...noteCompany(), "fettle.yaml": "operators: 7\n" } });

  const tick = await shop.tick();

  expect(tick.end).toEqual({ kind: "invalid" });
  expect(shop.operator.git("for-each-ref", "refs/heads/fettle")).toBe("");
});

test("A removed project loses its open run and its state; its files stay.", async () => {
  const shop = await mailShop({ now: "2026-03-02T09:00:00.000Z" });
  shop.operator.commit({ ...bakery, ...agent("scribe"), "projects/shop/sent.txt": "before\n" });
  await shop.tick();
  const { branch } = await shop.gate();
  for (const path of ["projects/shop/project.yaml", "projects/shop/pipelines"]) {
    rmSync(join(shop.operator.path, path), { recursive: true });
  }
  shop.operator.commit({}, "Close the shop");

  const tick = await shop.tick();

  expect(tick.holds).toEqual([]);
  expect(await known(shop)).toEqual(["bakery"]);
  expect(shop.closedRuns()).toMatchObject([{ result: "cancelled" }]);
  expect(shop.text("projects/shop/sent.txt")).toBe("before");
  expect(shop.operator.git("branch", "--list", branch)).toBe("");
});

test("No project is removed while some file cannot be read.", async () => {
  const shop = await twoProjects();
  shop.operator.commit({ "agents/scribe/agent.yaml": "version: [\n" }, "Break the scribe");

  remove(shop, "projects/bakery");
  const tick = await shop.tick();

  expect(reasons(tick)).toContain("prune-guard");
  expect(await known(shop)).toEqual(["bakery", "shop"]);
});

test("Not all projects are removed at once.", async () => {
  const shop = await twoProjects();

  remove(shop, "projects");
  const tick = await shop.tick();

  expect(reasons(tick)).toEqual(["prune-guard"]);
  expect(await known(shop)).toEqual(["bakery", "shop"]);
});

test("A rewritten main removes nothing.", async () => {
  const shop = await twoProjects();
  shop.operator.git("switch", "--quiet", "--orphan", "other");
  shop.operator.commit(noteCompany(), "Start over");
  shop.operator.git("branch", "--force", "main", "other");
  shop.operator.git("switch", "--quiet", "main");

  const tick = await shop.tick();

  expect(reasons(tick)).toEqual(["rewritten-history"]);
  expect(await known(shop)).toEqual(["bakery", "shop"]);
});

test("A renamed project keeps what is known of its pipelines.", async () => {
  const shop = await twoProjects();
  await shop.request("shop/note");
  await shop.tick();
  const before = (await shop.look()).observed.summaries.projects.get("shop");
  shop.operator.git("mv", "projects/shop", "projects/store");
  shop.operator.commit(project("store", { previousNames: ["shop"] }), "Rename the shop");

  await shop.tick();

  const after = (await shop.look()).observed.summaries.projects;
  expect([...after.keys()].toSorted()).toEqual(["bakery", "store"]);
  const { lastRun, since } = before?.pipelines["note"] ?? {};
  expect(after.get("store")?.pipelines["note"]).toMatchObject({ lastRun, since });
});

test("A renamed pipeline keeps its cursors.", async () => {
  const schedule = { cron: "0 8 * * *", catchUp: "all" };
  const shop = new Rehearsal({ files: noteCompany({ schedule }), plays: { scribe } });
  await shop.tick();
  shop.travel("2026-03-03T09:00:00.000Z");
  await shop.tick();
  expect(shop.calls).toHaveLength(1);
  shop.operator.git("rm", "--quiet", "projects/shop/pipelines/note.yaml");
  const triggers = { schedule };
  const steps = [{ id: "write", agent: "scribe" }];
  shop.operator.commit(pipeline("shop/memo", steps, { triggers, previousNames: ["note"] }));

  shop.travel("2026-03-05T09:00:00.000Z");
  await shop.tick();

  expect(shop.calls.map(({ asOf }) => asOf?.slice(0, 10))).toEqual([
    "2026-03-03",
    "2026-03-04",
    "2026-03-05",
  ]);
});

test("A pinned run goes on with its pipeline and agents as they were when it started.", async () => {
  const shop = await mailShop();
  await mergeGate(shop);
  const steps = [{ id: "find", agent: "finder" }];
  const sender = agent("sender", { effects: "external", idempotency: "native", version: "2.0.0" });
  shop.operator.commit({ ...pipeline("shop/mail", steps), ...sender }, "Change everything");

  await shop.tick();

  expect(sent(shop)).toHaveLength(2);
  expect(shop.calls.at(-2)?.agent.manifest.version).toBe("1.0.0");
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

test("Operators come from main as it is now: who is no longer one approves nothing.", async () => {
  const shop = await mailShop();
  await mergeGate(shop);
  shop.operator.commit(settings({ operators: [{ email: "bo@northwind.example" }] }), "Hand over");

  const tick = await shop.tick();

  expect(reasons(tick)).toEqual(["approval-unproven"]);
  expect(sent(shop)).toEqual([]);
});

test("A suspended workspace does nothing more, not even for a run that is open.", async () => {
  const shop = await mailShop();
  await mergeGate(shop);
  shop.operator.commit(settings({ suspend: true }), "Stop");

  await shop.tick();
  expect(sent(shop)).toEqual([]);

  shop.operator.commit(settings(), "Go on");
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
});

test.each([
  ["projects/Website/project.yaml", project("Website")],
  ["projects/shop/pipelines/My_Note.yaml", pipeline("shop/My_Note", NOTE_STEPS)],
  ["projects/shop/pipelines/toString.yaml", pipeline("shop/toString", NOTE_STEPS)],
  ["agents/Scribe/agent.yaml", agent("Scribe")],
])("%s cannot be a name: it is told, and the rest goes on", async (path, files) => {
  const shop = await twoProjects();
  shop.operator.commit(files, "Name it");
  await shop.request("bakery/note");

  const tick = await shop.tick();

  expect(errorsOf(tick)).toMatchObject([{ file: path, code: "path/name" }]);
  expect(await known(shop)).toEqual(["bakery", "shop"]);
  expect(shop.closedRuns()).toMatchObject([{ run: { project: "bakery" }, result: "succeeded" }]);
  remove(shop, path);
  const after = await shop.tick();
  expect([after.end.kind, errorsOf(after)]).toEqual(["settled", []]);
});

test("A project, a pipeline and an agent may be called constructor.", async () => {
  const name = "constructor";
  const shop = new Rehearsal({
    files: {
      ...settings(),
      ...project(name),
      ...agent(name),
      ...pipeline(`${name}/${name}`, [{ id: "write", agent: name }]),
    },
    plays: { [name]: () => ({}) },
  });
  await shop.tick();
  await shop.request(`${name}/${name}`);

  const tick = await shop.tick();

  expect(errorsOf(tick)).toEqual([]);
  expect(shop.closedRuns().map(({ run }) => run.pipeline)).toContain(name);
  const live = (await shop.look()).observed.summaries.projects.get(name);
  expect(live?.pipelines[name]?.lastRun?.result).toBe("succeeded");
});

function errorsOf({ violations }: Tick): Tick["violations"] {
  return violations.filter(({ severity }) => severity === "error");
}
