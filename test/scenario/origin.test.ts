import { renameSync } from "node:fs";
import { expect, test } from "vitest";
import { mailCompany, noteCompany } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository, type TestRepository } from "../support/git-repo.ts";
import { mailShop, PLAYS, reasons, sent } from "../support/mail-shop.ts";
import { made, type Play, Rehearsal } from "../support/rehearsal.ts";

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
async function approveHere({ operator, ...shop }: Rehearsal, branch: string): Promise<void> {
  expect(shop).toBeDefined();
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

  await approveHere(second, branch);
  const tick = await first.tick();

  expect(tick.end).toEqual({ kind: "settled" });
  expect(sent(first)).toHaveLength(2);
  expect(origin.git("branch", "--list", branch)).toBe("");
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

  console.log(
    await shop.tick().then((t) => JSON.stringify([t.end, t.holds])),
    shas(origin),
    shas(operator),
    operator.git("for-each-ref"),
  );
  operator.git("pull", "--quiet", "--rebase", "origin", "main");
  console.log(
    await shop.tick().then((t) => JSON.stringify([t.end, t.holds])),
    shas(origin),
    shas(operator),
  );
  await shop.tick();

  expect(origin.git("show", "main:elsewhere.txt")).toBe("mine");
  expect(origin.git("show", `main:${NOTE}`)).toBe("delivered");
  expect(shas(origin)).toBe(shas(operator));
});

test("Of two clones at work at once one is told that it lost, nothing is overwritten, and no mail is sent twice.", async () => {
  const { operator, origin } = published();
  const first = await mailShop({ operator, files: {} });
  const second = colleague(origin);
  await second.tick();
  await approveHere(second, (await second.gate()).branch);
  const meanwhile = second.tick();
  first.plays["sender"] = async (invocation, signal) => {
    await meanwhile;
    return PLAYS["sender"]?.(invocation, signal) ?? {};
  };

  const tick = await first.tick();
  await second.tick();
  await first.tick();
  await second.tick();

  expect(["raced", "unpublished", "settled"]).toContain(tick.end.kind);
  const keys = [...first.calls, ...second.calls].flatMap(({ effectKey }) => effectKey ?? []);
  expect(new Set(keys).size).toBe(2);
  expect(origin.git("fsck", "--no-dangling", "--no-progress")).toBe("");
  expect(shas(origin)).toContain(origin.git("rev-parse", "fettle/state"));
});

test("While the origin cannot be reached no mail is sent; afterwards each is sent once.", async () => {
  const { operator, origin } = published();
  const shop = await mailShop({ operator, files: {} });
  await approveHere(shop, (await shop.gate()).branch);
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
