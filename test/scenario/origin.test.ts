import { existsSync, renameSync } from "node:fs";
import { fetchedRef, pendingRef, STATE } from "#runner/core/ref-names.ts";
import { expect, test } from "vitest";
import { mailCompany, noteCompany } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository, type TestRepository } from "../support/git-repo.ts";
import { approve, mailShop, PLAYS, reasons, sent } from "../support/mail-shop.ts";
import { ADA, made, type Play, Rehearsal } from "../support/rehearsal.ts";

const NOTE = "projects/shop/note.md";

/** The company's first clone and its origin. */
function published(files = mailCompany()): { operator: TestRepository; origin: TestRepository } {
  const operator = makeRepository();
  operator.commit(files, "Start the company");
  return { operator, origin: addOrigin(operator) };
}

/** Another clone of the company, with the same agents. */
function colleague(origin: TestRepository, plays = PLAYS): Rehearsal {
  return new Rehearsal({ files: {}, operator: cloneOf(origin), plays });
}

/** Merges the open gate in this clone and pushes. */
function approveHere({ operator }: Rehearsal, branch: string): void {
  operator.git("fetch", "--quiet", "origin");
  operator.git("merge", "--quiet", "--no-edit", `origin/${branch}`);
  operator.git("push", "--quiet", "origin", "main");
}

function shas(repository: TestRepository): string {
  return repository.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads");
}

test("State, payload and the gate's branch stand at the origin when the tick is over.", async () => {
  const { operator, origin } = published();

  await mailShop({ operator, files: {} });

  expect(shas(origin)).toBe(shas(operator));
  expect(shas(origin)).toMatch(
    /fettle\/gate\/mail-.*\n.*fettle\/payload\/2026-03 .*\n.*fettle\/state/,
  );
});

test("Another clone sees the gate, approves it by merge and push, and the first one goes on.", async () => {
  const { operator, origin } = published();
  const first = await mailShop({ operator, files: {} });
  const second = colleague(origin);
  await second.tick();
  const { branch } = await second.gate();

  approveHere(second, branch);
  const tick = await first.tick();

  expect(tick.end).toEqual({ kind: "settled" });
  expect(sent(first)).toHaveLength(2);
  expect(origin.git("branch", "--list", branch)).toBe("");
});

test("A clone whose origin goes by another name now does nothing outside beside the others; by its old name it goes on.", async () => {
  const { operator, origin } = published();
  const first = await mailShop({ operator, files: {} });
  approveHere(first, (await first.gate()).branch);
  operator.git("remote", "rename", "origin", "upstream");

  const alone = await first.tick();

  expect(reasons(alone)).toContain("authority-unreachable");
  expect(sent(first)).toEqual([]);
  const second = colleague(origin);
  await second.tick();
  operator.git("remote", "rename", "upstream", "origin");
  expect((await first.tick()).end).toEqual({ kind: "settled" });
  expect([...sent(first), ...sent(second)]).toHaveLength(2);
});

test("An effect whose intent was pushed elsewhere than others read does not begin; once they can read it, all happens once.", async () => {
  const { operator, origin } = published();
  const first = await mailShop({ operator, files: {} });
  approveHere(first, (await first.gate()).branch);
  const mirror = cloneOf(origin, "--bare");
  operator.git("config", "remote.origin.pushurl", mirror.path);

  const tick = await first.tick();

  expect(tick.end).toMatchObject({
    kind: "unpublished",
    detail: expect.stringContaining("does not show at remote.origin.url"),
  });
  expect(sent(first)).toEqual([]);
  operator.git("config", "--unset", "remote.origin.pushurl");
  const second = colleague(origin);
  await second.tick();
  await first.tick();
  expect([...sent(first), ...sent(second)]).toHaveLength(2);
});

test("With unpushed commits here a delivery goes to the origin alone, or is held when the origin has moved, too.", async () => {
  const { operator, origin } = published(noteCompany());
  const elsewhere = cloneOf(origin);
  const shop = new Rehearsal({ files: {}, operator });
  shop.plays["scribe"] = () => {
    elsewhere.commit({ "elsewhere.txt": "mine\n" });
    elsewhere.git("push", "--quiet", "origin", "main");
    return made(NOTE, "delivered\n");
  };
  operator.commit({ "unpushed.txt": "mine\n" });
  const here = operator.git("rev-parse", "main");
  await shop.request("shop/note");

  const held = await shop.tick();
  expect(held.holds[0]?.why).toBe("main moved meanwhile");
  await shop.tick();

  expect(origin.git("show", `main:${NOTE}`)).toBe("delivered");
  expect(operator.git("rev-parse", "main")).toBe(here);
  expect(operator.git("status", "--porcelain")).toBe("");
});

test("Another clone approves from the command line without a checkout of the branch.", async () => {
  const { operator, origin } = published();
  const first = await mailShop({ operator, files: {} });
  const second = colleague(origin);
  await second.tick();

  expect(await approve(second)).toMatchObject({ ok: true });
  await first.tick();

  expect(sent(first)).toHaveLength(2);
  expect(origin.git("log", "-1", "--format=%ce", "--merges", "main")).toBe(ADA);
});

test("A merge counts once it is pushed.", async () => {
  const { operator, origin } = published();
  const shop = await mailShop({ operator, files: {} });
  const { branch } = await shop.gate();
  operator.git("merge", "--quiet", "--no-edit", branch);

  await shop.tick();
  expect(sent(shop)).toEqual([]);

  operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
  expect(origin.git("show", "main:projects/shop/sent.txt")).toContain("ann");
});

test("A delivery reaches main at the origin and here together.", async () => {
  const { operator, origin } = published(noteCompany());
  const scribe: Play = () => made(NOTE, "delivered\n");
  const shop = new Rehearsal({ files: {}, operator, plays: { scribe } });
  await shop.request("shop/note");

  await shop.tick();

  expect(origin.git("show", `main:${NOTE}`)).toBe("delivered");
  expect(shas(origin)).toBe(shas(operator));
  expect(operator.git("status", "--porcelain")).toBe("");
});

test("A push of the operator from elsewhere while a step runs is kept; the delivery follows it.", async () => {
  const { operator, origin } = published(noteCompany());
  const elsewhere = cloneOf(origin);
  const scribe: Play = () => {
    elsewhere.commit({ "elsewhere.txt": "mine\n" });
    elsewhere.git("push", "--quiet", "origin", "main");
    return made(NOTE, "delivered\n");
  };
  const shop = new Rehearsal({ files: {}, operator, plays: { scribe } });
  await shop.request("shop/note");

  const tick = await shop.tick();
  expect(tick.holds[0]?.why).toBe("main moved meanwhile");
  operator.git("pull", "--quiet", "--rebase", "origin", "main");
  await shop.tick();

  expect(shop.calls).toHaveLength(1);
  expect(origin.git("show", "main:elsewhere.txt")).toBe("mine");
  expect(origin.git("show", `main:${NOTE}`)).toBe("delivered");
  expect(shas(origin)).toBe(shas(operator));
});

test("Of two clones that would send the same mails at once, one sends them.", async () => {
  const { operator, origin } = published();
  const first = await mailShop({ operator, files: {} });
  const second = colleague(origin);
  await second.tick();
  approveHere(second, (await second.gate()).branch);

  await Promise.all([first.tick(), second.tick()]);
  await first.tick();
  await second.tick();

  const keys = [...first.calls, ...second.calls].flatMap(({ effectKey }) => effectKey ?? []);
  expect(keys).toHaveLength(2);
  expect(origin.git("show", "main:projects/shop/sent.txt")).toContain("ann");
  expect(origin.git("fsck", "--no-dangling", "--no-progress")).toBe("");
});

test("A runner that another one has overtaken keeps its results, overwrites nothing, and goes on from there.", async () => {
  const { operator, origin } = published(noteCompany());
  const second = colleague(origin, {});
  second.pass("1h");
  const first = new Rehearsal({ files: {}, operator });
  first.plays["scribe"] = async () => {
    if (first.calls.length === 1) await second.request("shop/note");
    return made(NOTE, `first ${first.calls.length}\n`);
  };
  await first.request("shop/note");

  const tick = await first.tick();

  expect(tick.end.kind).toBe("settled");
  expect(first.closedRuns()).toHaveLength(2);
  expect(first.calls).toHaveLength(2);
  expect(shas(origin)).toBe(shas(operator));
});

test("A gate of which the origin took the state and lost the branch is proposed again, not rejected.", async () => {
  const { operator, origin } = published();
  const shop = new Rehearsal({ files: {}, operator, plays: PLAYS });
  await shop.request("shop/mail");
  shop.plays["writer"] = () => {
    if (existsSync(origin.path)) renameSync(origin.path, `${origin.path}.away`);
    return { outputs: { text: "hello" } };
  };
  await shop.tick();
  renameSync(`${origin.path}.away`, origin.path);
  const pending = operator.git("for-each-ref", "--format=%(objectname)", "refs/fettle/pending");
  const [state = ""] = pending
    .split("\n")
    .filter((oid) => operator.git("ls-tree", "--name-only", oid).includes("format.json"));
  operator.git("push", "--quiet", "origin", `${state}:${STATE}`);

  await shop.tick();
  const { branch } = await shop.gate();
  await shop.tick();

  expect(origin.git("branch", "--list", branch)).not.toBe("");
  approveHere(shop, branch);
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
});

test("A result that comes after another runner has done the same is told, and not kept.", async () => {
  const { operator, origin } = published(noteCompany());
  const first = new Rehearsal({ files: {}, operator });
  const second = colleague(origin, { scribe: () => made(NOTE, "second\n") });
  first.plays["scribe"] = async () => {
    second.pass("1h");
    await second.tick();
    return made(NOTE, "first\n");
  };
  await first.request("shop/note");

  const tick = await first.tick();

  expect(tick.end.kind).toBe("settled");
  expect(first.told).toContainEqual(
    expect.objectContaining({ kind: "result-overtaken", step: "write", outcome: "succeeded" }),
  );
  expect(second.told.map(({ kind }) => kind)).not.toContain("result-overtaken");
  expect(origin.git("show", `main:${NOTE}`)).toBe("second");
});

test("While the origin cannot be reached no mail is sent; afterwards each is sent once.", async () => {
  const { operator, origin } = published();
  const shop = await mailShop({ operator, files: {} });
  approveHere(shop, (await shop.gate()).branch);
  renameSync(origin.path, `${origin.path}.away`);

  const away = await shop.tick();
  expect(reasons(away)).toContain("authority-unreachable");
  expect(sent(shop)).toEqual([]);

  renameSync(`${origin.path}.away`, origin.path);
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
});

test("What a crash left unpublished is published by the next tick.", async () => {
  const { operator, origin } = published(noteCompany());
  const shop = new Rehearsal({ files: {}, operator });
  shop.plays["scribe"] = () => {
    throw new Error("the power is gone");
  };
  await shop.request("shop/note");
  await expect(shop.tick()).rejects.toThrow("the power is gone");

  shop.plays["scribe"] = () => made(NOTE, "delivered\n");
  await shop.tick();

  expect(origin.git("show", `main:${NOTE}`)).toBe("delivered");
  expect(shas(origin)).toBe(shas(operator));
});

test("What a crash kept this clone from knowing was published counts as published, also when others have gone on from it.", async () => {
  const { operator, origin } = published(noteCompany());
  const shop = new Rehearsal({ files: {}, operator });
  await shop.request("shop/note");
  const accepted = operator.git("rev-parse", "fettle/state");
  const { runner } = await operator.open();
  operator.git("update-ref", pendingRef(runner, STATE), accepted);
  for (const ref of [STATE, fetchedRef(STATE)]) operator.git("update-ref", "-d", ref);
  const second = colleague(origin, { scribe: () => made(NOTE, "delivered\n") });
  await second.tick();
  const ended = origin.git("rev-parse", "fettle/state");

  await shop.tick();

  expect(second.closedRuns()).toHaveLength(1);
  expect(origin.git("rev-parse", "fettle/state")).toBe(ended);
  expect(operator.git("rev-parse", "fettle/state")).toBe(ended);
  expect(operator.git("for-each-ref", "refs/fettle/pending")).toBe("");
});

test("A clone whose own main is behind verifies what was delivered to the origin's.", async () => {
  const { operator, origin } = published(noteCompany());
  const shop = new Rehearsal({ files: {}, operator, plays: { scribe: () => made(NOTE, "x\n") } });
  const second = colleague(origin);
  await shop.request("shop/note");
  await shop.tick();
  await second.tick();
  expect(second.text(NOTE)).toBeUndefined();

  const { findings } = await second.verify();

  expect(findings).toEqual([]);
});

test("A runner renews its claim while a long step is silent, and nobody else takes the run over.", async () => {
  const { operator, origin } = published(noteCompany());
  const shop = new Rehearsal({ files: {}, operator });
  const second = colleague(origin, {});
  const claims = (): number =>
    origin.git("log", "--format=%h", "fettle/state", "--", "runners").split("\n").length;
  shop.heartbeatMs = 50;
  shop.plays["scribe"] = async () => {
    shop.pass("90s");
    for (let tries = 0; claims() < 2 && tries < 500; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    second.pass("3m");
    expect(reasons(await second.tick())).toEqual(["lease-held"]);
    return made(NOTE, "done\n");
  };
  await shop.request("shop/note");

  await shop.tick();

  // The last one lets go.
  expect(claims()).toBe(3);
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});
