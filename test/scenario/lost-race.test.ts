import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agent, noteCompany, pipeline } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository, type TestRepository } from "../support/git-repo.ts";
import { made, Rehearsal } from "../support/rehearsal.ts";

const NOTE = "projects/shop/note.md";

/** The origin turns away every push while the first file is there, and makes the second then. */
function closedBy(origin: TestRepository): { closed: string; met: string } {
  const [closed, met] = [join(origin.path, "closed"), join(origin.path, "met")];
  mkdirSync(join(origin.path, "hooks"), { recursive: true });
  const script = `#!/bin/sh\n[ ! -e "${closed}" ] || { touch "${met}"; exit 1; }\n`;
  writeFileSync(join(origin.path, "hooks", "pre-receive"), script, { mode: 0o755 });
  return { closed, met };
}

test("A runner that lost a race, and whose next push is turned away, goes on from what others have recorded.", async () => {
  const operator = makeRepository();
  const memo = pipeline("shop/memo", [{ id: "look", agent: "clerk" }]);
  const files = { ...noteCompany(), ...agent("clerk"), ...memo };
  operator.commit(files, "Start the company");
  const origin = addOrigin(operator);
  const { closed, met } = closedBy(origin);
  const plays = { clerk: () => ({ outputs: {} }) };
  const shop = new Rehearsal({ files: {}, operator, plays });
  shop.plays["scribe"] = async (_, __, save) => {
    const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays });
    await second.request("shop/memo");
    await second.tick();
    writeFileSync(closed, "");
    save?.(new Map([["page", 1]]));
    for (let tries = 0; !existsSync(met) && tries < 500; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    rmSync(closed);
    return made(NOTE, "delivered\n");
  };
  await shop.request("shop/note");

  const tick = await shop.tick();

  expect(existsSync(met)).toBe(true);
  expect(tick.end.kind).toBe("settled");
  expect(await shop.verify()).toMatchObject({ findings: [] });
  expect(origin.git("show", `main:${NOTE}`)).toBe("delivered");
});

test("A runner that lost a race sees main and the gates that the newer state speaks of.", async () => {
  const operator = makeRepository();
  const files = {
    ...noteCompany(),
    ...agent("clerk"),
    ...pipeline("shop/memo", [
      { id: "look", agent: "clerk" },
      {
        id: "review",
        gate: "Send the memo",
        ask: "always",
        show: { memo: "${{ steps.look.outputs }}" },
      },
    ]),
    ...pipeline("shop/count", [{ id: "count", agent: "clerk" }]),
  };
  operator.commit(files, "Start the company");
  const origin = addOrigin(operator);
  const plays = { scribe: () => made(NOTE, "delivered\n") };
  const shop = new Rehearsal({ files: {}, operator });
  shop.plays["clerk"] = async () => {
    const second = new Rehearsal({
      files: {},
      operator: cloneOf(origin),
      plays: { ...plays, clerk: () => ({}) },
    });
    await second.request("shop/note");
    await second.request("shop/memo");
    await second.tick();
    return {};
  };
  await shop.request("shop/count");

  const tick = await shop.tick();

  expect(tick.holds.map(({ reason }) => reason)).toEqual(["awaiting-approval"]);
  expect(tick.holds[0]?.why).toContain("waits for you");
  expect(shop.told.filter(({ kind }) => kind === "gate-noted")).toEqual([]);
  expect(tick.view?.observed.gates.size).toBe(1);
  expect(tick.view?.workspace.commit).toBe(origin.git("rev-parse", "main"));
});
