/** The state branch was moved by somebody who is no runner: nothing is written before it holds again what was recorded. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pendingRef, seenRef, STATE } from "#runner/core/ref-names.ts";
import { setAside } from "#runner/loop/put-back.ts";
import { mailCompany, noteCompany } from "../../support/company.ts";
import {
  addOrigin,
  cloneOf,
  makeFolder,
  makeRepository,
  type TestRepository,
} from "../../support/git-repo.ts";
import { RUNNER_EMAIL } from "#runner/loop/runner-identity.ts";
import { mailShop, reasons, sent } from "../../support/mail-shop.ts";
import { made, Rehearsal, type Play } from "../../support/rehearsal.ts";

const scribe: Play = () => made("projects/shop/note.md", "delivered\n");

/** A company that has done something, with or without an origin. */
async function worked(
  kind: "alone" | "with an origin",
): Promise<{ shop: Rehearsal; authority: TestRepository }> {
  const operator = makeRepository();
  operator.commit(noteCompany(), "Start the company");
  const authority = kind === "alone" ? operator : addOrigin(operator);
  const shop = new Rehearsal({ files: {}, operator, plays: { scribe } });
  await shop.request("shop/note");
  await shop.tick();
  return { shop, authority };
}

/** Every branch, and what waits to become one. */
function written({ git }: TestRepository): string {
  const format = "--format=%(refname) %(objectname)";
  return git("for-each-ref", format, "refs/heads", "refs/fettle/pending");
}

/** The commit as if a runner had made it. */
function asRunner({ git, path }: TestRepository, oid: string): string {
  const text = git("cat-file", "commit", oid).replace(
    /^(committer .*)<.*>/m,
    `$1<${RUNNER_EMAIL}>`,
  );
  const file = join(makeFolder(), "commit");
  writeFileSync(file, `${text}\n`);
  return git("-C", path, "hash-object", "-t", "commit", "-w", file);
}

const MOVES: readonly (readonly [string, (authority: TestRepository) => void, string])[] = [
  ["an older tip", ({ git }) => git("update-ref", STATE, `${STATE}~2`), "was set back"],
  ["no tip at all", ({ git }) => git("update-ref", "-d", STATE), "is gone"],
  [
    "an unrelated tip",
    (authority) => {
      const { git } = authority;
      git("update-ref", STATE, asRunner(authority, git("commit-tree", "-m", "x", "HEAD^{tree}")));
    },
    "has nothing in common",
  ],
  [
    "a tip with commits of its own",
    (authority) => {
      const { git } = authority;
      const own = git("commit-tree", "-p", `${STATE}~1`, "-m", "x", `${STATE}^{tree}`);
      git("update-ref", STATE, asRunner(authority, own));
    },
    "have parted",
  ],
  [
    "a commit made by hand",
    ({ git }) => {
      const own = git("commit-tree", "-p", STATE, "-m", "a note", `${STATE}^{tree}`);
      git("update-ref", STATE, own);
    },
    '"a note", was made by hand',
  ],
];
const TABLE = (["alone", "with an origin"] as const).flatMap((kind) =>
  MOVES.map(([what, move, words]) => [kind, what, move, words] as const),
);

test.each(TABLE)(
  "%s: a state branch that was moved to %s stops the tick, and nothing is written.",
  async (kind, _, move, words) => {
    const { shop, authority } = await worked(kind);
    move(authority);
    const before = [written(authority), written(shop.operator)];
    shop.pass("1h");

    const tick = await shop.tick();

    expect(tick.end).toMatchObject({ kind: "conflict", detail: expect.stringContaining(words) });
    expect(reasons(tick)).toEqual(["authority-conflict"]);
    expect([written(authority), written(shop.operator)]).toEqual(before);
  },
);

test("What waits to be published stays, when the origin was set back meanwhile.", async () => {
  const { shop, authority } = await worked("with an origin");
  const { runner } = await shop.operator.open();
  const tip = shop.operator.git("rev-parse", STATE);
  const waiting = shop.operator.git("commit-tree", "-p", tip, "-m", "x", `${tip}^{tree}`);
  shop.operator.git("update-ref", pendingRef(runner, STATE), waiting);
  authority.git("update-ref", STATE, `${STATE}~2`);

  const { end } = await shop.tick();

  expect(end.kind).toBe("conflict");
  expect(shop.operator.git("rev-parse", pendingRef(runner, STATE))).toBe(waiting);
});

test("While a step runs the state at the origin is replaced: the result waits, and is not applied to a state it was not made from.", async () => {
  const operator = makeRepository();
  operator.commit(noteCompany(), "Start the company");
  const origin = addOrigin(operator);
  const shop = new Rehearsal({ files: {}, operator });
  let other = "";
  shop.plays["scribe"] = () => {
    other = origin.git("commit-tree", "-m", "x", `${STATE}^{tree}`);
    origin.git("update-ref", STATE, other);
    return made("projects/shop/note.md", "delivered\n");
  };
  await shop.request("shop/note");

  const { end } = await shop.tick();
  const next = await shop.tick();

  expect(end).toMatchObject({ kind: "unpublished", detail: expect.stringContaining("lacks") });
  expect(next.end.kind).toBe("conflict");
  expect(origin.git("rev-parse", STATE)).toBe(other);
  expect(shop.calls).toHaveLength(1);
});

test("A clone with an origin whose own state branch was set back or is gone follows the origin again.", async () => {
  const { shop, authority } = await worked("with an origin");
  const tip = authority.git("rev-parse", STATE);

  for (const args of [
    ["update-ref", STATE, `${STATE}~2`],
    ["update-ref", "-d", STATE],
  ]) {
    shop.operator.git(...args);
    const { end } = await shop.tick();

    expect(end).toEqual({ kind: "settled" });
    expect(shop.operator.git("rev-parse", STATE)).toBe(tip);
  }
});

test("While the origin is away, a state branch that was set back here stops the tick, too.", async () => {
  const { shop, authority } = await worked("with an origin");
  renameSync(authority.path, `${authority.path}.away`);
  shop.operator.git("update-ref", STATE, `${STATE}~2`);

  expect((await shop.tick()).end.kind).toBe("conflict");

  renameSync(`${authority.path}.away`, authority.path);
  expect((await shop.tick()).end.kind).toBe("settled");
});

test("The first origin gets the state that is here; one that holds another state stops the tick.", async () => {
  const { shop } = await worked("alone");
  const tip = shop.operator.git("rev-parse", STATE);
  const first = addOrigin(shop.operator);
  first.git("update-ref", "-d", STATE);

  await shop.tick();
  expect(first.git("rev-parse", STATE)).toBe(tip);

  const { authority: foreign } = await worked("with an origin");
  shop.operator.git("remote", "set-url", "origin", foreign.path);
  const before = written(foreign);
  const { end } = await shop.tick();
  expect(end.kind).toBe("conflict");
  expect(written(foreign)).toBe(before);
});

test("A clone that was restored from an old backup catches up, and publishes none of its old facts again.", async () => {
  const operator = makeRepository();
  operator.commit(noteCompany(), "Start the company");
  const origin = addOrigin(operator);
  const shop = new Rehearsal({ files: {}, operator, plays: { scribe } });
  await shop.tick();
  await shop.request("shop/note");
  const { runner } = await operator.open();
  const old = operator.git("rev-parse", STATE);
  const wanted = operator.git("rev-parse", `${STATE}~1`);
  await shop.tick();
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: { scribe } });
  second.pass("1h");
  await second.request("shop/note");
  await second.tick();
  const newest = origin.git("rev-parse", STATE);

  // The backup was made while the request of then was waiting for the origin.
  operator.git("update-ref", STATE, wanted);
  operator.git("update-ref", seenRef(STATE), wanted);
  operator.git("update-ref", pendingRef(runner, STATE), old);
  shop.pass("2h");
  const { end } = await shop.tick();

  expect(end).toEqual({ kind: "settled" });
  expect(origin.git("rev-parse", STATE)).toBe(newest);
  expect(operator.git("rev-parse", STATE)).toBe(newest);
  expect(operator.git("for-each-ref", "refs/fettle/pending")).toBe("");
  expect(second.closedRuns()).toHaveLength(2);
});

test("From a clone that was restored from a backup of the time before the mails none is sent again.", async () => {
  const operator = makeRepository();
  operator.commit(mailCompany(), "Start the company");
  addOrigin(operator);
  const shop = await mailShop({ operator, files: {} });
  const { branch } = await shop.gate();
  const backup = operator.git("for-each-ref", "--format=%(refname) %(objectname)", "refs");
  operator.git("merge", "--quiet", "--no-edit", branch);
  operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);

  for (const line of backup.split("\n")) {
    const [ref = "", oid = ""] = line.split(" ");
    operator.git("update-ref", ref, oid);
  }
  operator.git("reset", "--quiet", "--hard");
  const { end } = await shop.tick();

  expect(end).toEqual({ kind: "settled" });
  expect(sent(shop)).toHaveLength(2);
});

test.each(["alone", "with an origin"] as const)(
  "%s: while a person has the state checked out nothing moves under their hands.",
  async (kind) => {
    const { shop } = await worked(kind);
    const { operator } = shop;
    operator.git("switch", "--quiet", "fettle/state");
    const before = written(operator);
    shop.pass("1h");

    const tick = await shop.tick();

    expect(tick.end).toMatchObject({
      kind: "conflict",
      detail: expect.stringContaining("checked out"),
    });
    expect(written(operator)).toBe(before);

    operator.git("switch", "--quiet", "main");
    expect((await shop.tick()).end.kind).toBe("settled");
  },
);

test("A state branch that moved while its commit made by hand was to be set aside stays, and that is told.", async () => {
  const { shop } = await worked("alone");
  const tip = shop.operator.git("rev-parse", STATE);
  const [now, own] = [`${STATE}~1`, `${STATE}~2`].map((at) => shop.operator.git("rev-parse", at));
  if (now === undefined || own === undefined) throw new Error("the state is too short");
  const foreign = { kind: "foreign", ref: STATE, now, own, subject: "mine", isHere: true } as const;

  const did = await shop.write((engine) => setAside(engine, foreign));

  expect(did).toEqual(["fettle/state is left as it is: it moved meanwhile"]);
  expect(shop.operator.git("rev-parse", STATE)).toBe(tip);
});
