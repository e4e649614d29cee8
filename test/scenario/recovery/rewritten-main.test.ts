/** main was amended or force-pushed: what would be removed waits until the operator takes the new main as it is. */
import { expect, test } from "vitest";
import { acceptRewrite, rewriteOf } from "#runner/loop/accept-rewrite.ts";
import { fetchedRef, keptRef, pendingRef, seenRef, STATE } from "#runner/core/ref-names.ts";
import { look } from "#runner/loop/look.ts";
import { noteCompany, pipeline, project } from "../../support/company.ts";
import { addOrigin, cloneOf, makeRepository, type TestRepository } from "../../support/git-repo.ts";
import { reasons } from "../../support/mail-shop.ts";
import { ADA, made, Rehearsal, type Play } from "../../support/rehearsal.ts";

const scribe: Play = () => made("projects/shop/note.md", "delivered\n");
const THREE = {
  ...noteCompany(),
  ...["letters", "travel"].reduce(
    (files, name) => ({
      ...files,
      ...project(name),
      ...pipeline(`${name}/write`, [{ id: "write", agent: "scribe" }]),
    }),
    {},
  ),
};

/** Three projects at work; then main is amended: travel is gone, and letters is another one. */
async function amended(operator = makeRepository()): Promise<{ shop: Rehearsal; from: string }> {
  const shop = new Rehearsal({ files: THREE, operator, plays: { scribe } });
  if (operator.git("remote") !== "") operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  const from = operator.git("rev-parse", "main");
  operator.git("rm", "--quiet", "-r", "projects/travel");
  operator.write(project("letters", { summary: "Another one." }));
  operator.git("commit", "--quiet", "--all", "--amend", "--no-edit");
  return { shop, from };
}

async function known(shop: Rehearsal): Promise<readonly string[]> {
  return (await shop.look()).observed.summaries.workspace.projects;
}

function accept(shop: Rehearsal): Promise<unknown> {
  return shop.write(async (engine) => {
    const { signal } = new AbortController();
    const seen = await look(engine);
    const rewrite = await rewriteOf(engine, seen);
    if (rewrite === null) return null;
    const wish = { rewrite, by: ADA, reason: "", observed: seen.observed };
    return { rewrite, accepted: await acceptRewrite(engine, wish, signal) };
  });
}

test("An amended main removes no project and comes into force nowhere, however often it is looked at.", async () => {
  const { shop, from } = await amended();

  const ticks = [await shop.tick(), await shop.tick()];

  expect(ticks.map(reasons)).toEqual([["rewritten-history"], ["rewritten-history"]]);
  expect(await known(shop)).toEqual(["letters", "shop", "travel"]);
  expect((await shop.look()).observed.summaries.workspace.appliedCommit).toBe(from);
});

test("Once it is accepted, the next tick takes the amended main as it is, and the history says who accepted what.", async () => {
  const { shop, from } = await amended();
  await shop.tick();
  const to = shop.operator.git("rev-parse", "main");

  const done = await accept(shop);
  const tick = await shop.tick();

  const files = [
    "projects/letters/project.yaml",
    "projects/travel/pipelines/write.yaml",
    "projects/travel/project.yaml",
  ];
  expect(done).toEqual({ rewrite: { from, to, files }, accepted: { ok: true } });
  expect(tick.holds).toEqual([]);
  expect(await known(shop)).toEqual(["letters", "shop"]);
  expect(shop.operator.git("log", "--format=%s", "fettle/state")).toContain(
    `main: ${ADA} accepts ${to.slice(0, 10)} in the place of ${from.slice(0, 10)}`,
  );
  expect((await shop.verify()).findings).toEqual([]);
  expect(await accept(shop)).toBeNull();
});

test("A clone in which the old main never was holds it, too.", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const { shop, from } = await amended(operator);
  operator.git("push", "--quiet", "--force", "origin", "main");
  await shop.tick();
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: { scribe } });

  const tick = await second.tick();

  expect(reasons(tick)).toEqual(["rewritten-history"]);
  expect(await accept(second)).toMatchObject({ rewrite: { from, files: null } });
});

test("A main that is accepted while another runner records something is accepted for that state only, and must be looked at again.", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const { shop } = await amended(operator);
  operator.git("push", "--quiet", "--force", "origin", "main");
  await shop.tick();
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: { scribe } });
  second.pass("1h");
  await second.look();

  const outcome = await shop.write(async (engine) => {
    const seen = await look(engine);
    const rewrite = await rewriteOf(engine, seen);
    if (rewrite === null) throw new Error("main was not rewritten");
    await second.request("shop/note");
    const wish = { rewrite, by: ADA, reason: "", observed: seen.observed };
    return acceptRewrite(engine, wish, new AbortController().signal);
  });

  expect(outcome).toMatchObject({ ok: false, exit: "lost" });
  expect(reasons(await shop.tick())).toContain("rewritten-history");
});

function collectGarbage(repository: TestRepository): void {
  repository.git("reflog", "expire", "--expire=now", "--all");
  repository.git("gc", "--quiet", "--prune=now");
}

test("What main held before an accepted rewrite stays here when git collects garbage, and the history verifies as before.", async () => {
  const { shop, from } = await amended();
  await accept(shop);
  await shop.tick();
  const before = await shop.verify();

  collectGarbage(shop.operator);

  expect(shop.operator.git("cat-file", "-t", from)).toBe("commit");
  expect(await shop.verify()).toEqual(before);
});

/** A note is delivered, a version comes into force on top, and then all of it becomes one commit, without travel. */
async function squashed(): Promise<{ shop: Rehearsal; delivered: string }> {
  const operator = makeRepository();
  const shop = new Rehearsal({ files: THREE, operator, plays: { scribe } });
  await shop.tick();
  const first = operator.git("rev-parse", "main");
  await shop.request("shop/note");
  await shop.tick();
  const delivered = operator.git("rev-parse", "main");
  operator.commit(project("letters", { summary: "Another one." }));
  await shop.tick();
  operator.git("reset", "--quiet", "--soft", first);
  operator.git("rm", "--quiet", "-r", "projects/travel");
  operator.git("commit", "--quiet", "--message", "All in one");
  return { shop, delivered };
}

test("What was delivered to a main before it was rewritten verifies again once the rewrite is accepted, and not before.", async () => {
  const { shop, delivered } = await squashed();
  expect((await shop.verify()).findings).toEqual([
    {
      rule: "delivery",
      where: expect.any(String),
      message: expect.stringContaining(`commit ${delivered} is not part of main: git merge `),
    },
  ]);

  expect(await accept(shop)).toMatchObject({ accepted: { ok: true } });
  await shop.tick();
  collectGarbage(shop.operator);

  expect((await shop.verify()).findings).toEqual([]);
});

test("Where there is no rewrite to accept, what verification says brings back the history and changes no file.", async () => {
  const { shop } = await squashed();
  shop.operator.write(project("travel"));
  shop.operator.git("add", "--all");
  shop.operator.git("commit", "--quiet", "--message", "Travel is back");
  await shop.tick();
  expect(await accept(shop)).toBeNull();
  const tree = shop.operator.git("rev-parse", "main^{tree}");

  const [finding] = (await shop.verify()).findings;
  const command = /git (merge -s ours [0-9a-f]+)/u.exec(finding?.message ?? "")?.[1] ?? "";
  shop.operator.git(...command.split(" "));

  expect(shop.operator.git("rev-parse", "main^{tree}")).toBe(tree);
  expect((await shop.verify()).findings).toEqual([]);
});

test("What main held before an accepted rewrite is at the origin, and comes with every clone that is not shallow.", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const { shop, from } = await amended(operator);
  operator.git("push", "--quiet", "--force", "origin", "main");
  await shop.tick();
  expect(await accept(shop)).toMatchObject({ accepted: { ok: true } });
  await shop.tick();
  const whole = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: { scribe } });
  const shallow = cloneOf(origin, "--depth=1");
  const cold = new Rehearsal({ files: {}, operator: shallow, plays: { scribe } });

  await whole.tick();
  await cold.tick();
  for (const clone of [whole.operator, origin]) collectGarbage(clone);

  expect(origin.git("cat-file", "-t", from)).toBe("commit");
  expect(whole.operator.git("cat-file", "-t", from)).toBe("commit");
  expect((await whole.verify()).findings).toEqual([]);
  expect(shallow.git("for-each-ref", "refs/fettle/origin/fettle/kept/")).toBe("");
});

/** A shop with an origin whose main was rewritten, and what it held before. */
async function rewrittenAtOrigin(): Promise<{
  shop: Rehearsal;
  from: string;
  origin: TestRepository;
}> {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const { shop, from } = await amended(operator);
  operator.git("push", "--quiet", "--force", "origin", "main");
  await shop.tick();
  return { shop, from, origin };
}

test("An acceptance that never left this clone is asked for again, and then takes the old main along.", async () => {
  const { shop, from, origin } = await rewrittenAtOrigin();
  shop.operator.git("config", "remote.origin.pushurl", "/nonexistent");
  expect(await accept(shop)).toMatchObject({ accepted: { ok: false, exit: "temporary" } });
  shop.operator.git("config", "--unset", "remote.origin.pushurl");

  expect(reasons(await shop.tick())).toEqual(["rewritten-history"]);
  expect(await accept(shop)).toMatchObject({ accepted: { ok: true } });

  expect(origin.git("rev-parse", keptRef(from))).toBe(from);
});

test("Where an origin has taken the acceptance and died before the old main, the next tick brings that.", async () => {
  const { shop, from, origin } = await rewrittenAtOrigin();
  const { operator } = shop;
  const before = operator.git("rev-parse", "fettle/state");
  await accept(shop);
  const accepted = operator.git("rev-parse", "fettle/state");
  const { runner } = await operator.open();
  const kept = keptRef(from);
  for (const ref of [kept, fetchedRef(kept)]) operator.git("update-ref", "-d", ref);
  origin.git("update-ref", "-d", kept);
  operator.git("update-ref", pendingRef(runner, STATE), accepted);
  for (const ref of [STATE, fetchedRef(STATE), seenRef(STATE)])
    operator.git("update-ref", ref, before);

  await shop.tick();

  expect(origin.git("rev-parse", kept)).toBe(from);
  expect(operator.git("rev-parse", kept)).toBe(from);
  expect((await shop.verify()).findings).toEqual([]);
});
