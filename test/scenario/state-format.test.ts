import { expect, test } from "vitest";
import { fetchedRef, pendingRef, seenRef } from "#runner/core/ref-names.ts";
import { noteCompany } from "../support/company.ts";
import { addOrigin, cloneOf, type TestRepository } from "../support/git-repo.ts";
import { made, type Play, Rehearsal } from "../support/rehearsal.ts";
import { appendCommit } from "../support/rewrite-branch.ts";

const STATE = "fettle/state";
const scribe: Play = ({ projectDir }) => made(`${projectDir}/note.md`, "written\n");

async function workedShop(): Promise<Rehearsal> {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe } });
  await shop.tick();
  await shop.request("shop/note");
  await shop.tick();
  return shop;
}

function setFormat(repository: TestRepository, text: string): void {
  appendCommit(repository, STATE, { "format.json": text });
}

test.each([
  ['{"format":3,"minReader":3}\n', "this state has format 3", "upgrade fettle"],
  ['{"format":1,"minReader":1}\n', "this state has format 1", `git branch -m ${STATE} ${STATE}-f`],
  ["[]\n", "this state has no format", `git branch -m ${STATE} ${STATE}-format-unknown`],
])("A state whose format is %j is neither looked at nor written.", async (text, words, hint) => {
  const shop = await workedShop();
  setFormat(shop.operator, text);
  const before = shop.operator.git("rev-parse", STATE);

  const refusal = { name: "StateFormatError", message: expect.stringContaining(words) };
  await expect(shop.tick()).rejects.toMatchObject(refusal);
  await expect(shop.look()).rejects.toMatchObject({ hint: expect.stringContaining(hint) });
  expect(shop.operator.git("rev-parse", STATE)).toBe(before);
});

test("A newer state that says it can still be read is looked at, and not written.", async () => {
  const shop = await workedShop();
  setFormat(shop.operator, '{"format":3,"minReader":2}\n');
  const before = shop.operator.git("rev-parse", STATE);

  await expect(shop.look()).resolves.toMatchObject({ workspace: {} });
  await expect(shop.tick()).rejects.toMatchObject({ name: "StateFormatError", exit: "refused" });
  expect(shop.operator.git("rev-parse", STATE)).toBe(before);
});

test("With the old state put aside as the hint says, the next tick begins a new one.", async () => {
  const shop = await workedShop();
  setFormat(shop.operator, '{"format":1,"minReader":1}\n');
  const refused = await shop.tick().catch((error: unknown) => error);
  for (const command of Object(refused).hint.split("   ")[0].split(" && ")) {
    shop.operator.git(...command.split(" ").slice(1));
  }

  await shop.request("shop/note");
  const tick = await shop.tick();

  expect(tick.end).toEqual({ kind: "settled" });
  expect(shop.closedRuns()).toMatchObject([{ run: { pipeline: "note" }, result: "succeeded" }]);
  expect(shop.operator.git("show", `${STATE}:format.json`)).toContain('"format":2');
});

test("With an origin the hint puts the old state aside there, too.", async () => {
  const shop = await workedShop();
  const origin = addOrigin(shop.operator);
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: { scribe } });
  await second.tick();
  setFormat(origin, '{"format":1,"minReader":1}\n');

  const refused = await shop.tick().catch((error: unknown) => error);
  const { hint } = Object(refused);
  expect(hint).toMatch(/^git push origin .* && git branch -m /);
  for (const command of hint.split("   ")[0].split(" && ")) {
    shop.operator.git(...command.split(" ").slice(1));
  }

  expect((await shop.tick()).end).toEqual({ kind: "settled" });
  expect(origin.git("show", `${STATE}:format.json`)).toContain('"format":2');
  expect(origin.git("show", `${STATE}-format-1:format.json`)).toContain('"format":1');
});

test.each<["origin" | "pending", number]>([
  ["origin", 3],
  ["pending", 3],
  ["origin", 2],
  ["pending", 2],
])(
  "What waits to be published stays here when the %s state is newer and needs a reader of format %d.",
  async (where, minReader) => {
    const newer = `{"format":3,"minReader":${minReader}}\n`;
    const shop = await workedShop();
    const { operator } = shop;
    const origin = addOrigin(operator);
    operator.git("push", "--quiet", "origin", "main");
    await shop.tick();
    const before = operator.git("rev-parse", STATE);
    await shop.request("shop/note");
    if (where === "pending") setFormat(operator, newer);
    const waiting = operator.git("rev-parse", STATE);
    const { runner } = await operator.open();
    const full = `refs/heads/${STATE}`;
    operator.git("update-ref", pendingRef(runner, full), waiting);
    for (const ref of [full, fetchedRef(full), seenRef(full)])
      operator.git("update-ref", ref, before);
    origin.git("update-ref", full, before);
    if (where === "origin") setFormat(origin, newer);
    const there = origin.git("rev-parse", STATE);

    await expect(shop.tick()).rejects.toMatchObject({ name: "StateFormatError" });

    expect(origin.git("rev-parse", STATE)).toBe(there);
    expect(operator.git("rev-parse", pendingRef(runner, full))).toBe(waiting);
  },
);
