/** What an operator's verb puts on main here, and cannot push. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { mailCompany } from "../support/company.ts";
import { addOrigin, makeRepository, type TestRepository } from "../support/git-repo.ts";
import { approve, mailShop, sent } from "../support/mail-shop.ts";
import { ADA } from "../support/rehearsal.ts";

test("An approval that was merged here and not pushed is pushed when it is given again; other commits are not.", async () => {
  const operator = makeRepository();
  operator.commit(mailCompany(), "Start the company");
  const origin = addOrigin(operator);
  const shop = await mailShop({ operator, files: {} });
  operator.git("config", "remote.origin.pushurl", "/nonexistent");
  expect(await approve(shop)).toMatchObject({ ok: false, exit: "temporary" });
  operator.git("config", "--unset", "remote.origin.pushurl");

  operator.commit({ "unpushed.txt": "mine\n" });
  const ahead = await approve(shop);
  operator.git("reset", "--quiet", "--hard", "main~1");
  const again = await approve(shop);
  await shop.tick();

  expect(ahead).toMatchObject({ ok: false, hint: expect.stringContaining("git push origin main") });
  expect(again).toMatchObject({ ok: true });
  expect(sent(shop)).toHaveLength(2);
  expect(origin.git("log", "-1", "--format=%ce", "--merges", "main")).toBe(ADA);
});

/** Until it is called. */
function cutOff(operator: TestRepository): () => void {
  operator.git("config", "remote.origin.pushurl", "/nonexistent");
  return () => void operator.git("config", "--unset", "remote.origin.pushurl");
}

function refusing(origin: TestRepository): () => void {
  const hook = join(origin.path, "hooks", "pre-receive");
  mkdirSync(dirname(hook), { recursive: true });
  writeFileSync(hook, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return () => rmSync(hook);
}

test.each([
  ["nothing has come on top of it", "", true],
  ["the origin could not take it", "no-room", true],
  ["the operator has gone on from it", "commit", false],
  ["the operator has taken it back", "reset", false],
] as const)(
  "What an operator's verb could not push is pushed by the next tick where %s.",
  async (_, act, isPushed) => {
    const operator = makeRepository();
    operator.commit(mailCompany(), "Start the company");
    const origin = addOrigin(operator);
    const shop = await mailShop({ operator, files: {} });
    const end = act === "no-room" ? refusing(origin) : cutOff(operator);
    expect(await approve(shop)).toMatchObject({ ok: false, exit: "temporary" });
    end();
    const approval = operator.git("rev-parse", "main");
    if (act === "commit") operator.commit({ "unpushed.txt": "mine\n" });
    if (act === "reset") operator.git("reset", "--quiet", "--hard", "main~1");

    await shop.tick();
    await shop.tick();

    expect(origin.git("log", "--format=%H", "main").includes(approval)).toBe(isPushed);
    expect(sent(shop)).toHaveLength(isPushed ? 2 : 0);
  },
);
