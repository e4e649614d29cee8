/** A partial clone whose origin is away when what it left there is needed. */
import { renameSync } from "node:fs";
import { expect, test } from "vitest";
import { failureOf } from "#runner/verbs/failure.ts";
import { noteCompany } from "../../support/company.ts";
import { addOrigin, cloneOf, makeRepository } from "../../support/git-repo.ts";
import { made, Rehearsal, type Play } from "../../support/rehearsal.ts";

const scribe: Play = () => made("projects/shop/note.md", "delivered\n");

test("What cannot be brought is a pause, not damage and not an absence; with the origin back the work goes on.", async () => {
  const operator = makeRepository();
  operator.commit(noteCompany(), "Start the company");
  const origin = addOrigin(operator);
  const shop = new Rehearsal({ files: {}, operator, plays: { scribe } });
  await shop.request("shop/note");
  origin.git("config", "uploadpack.allowFilter", "true");
  const clone = cloneOf(origin, "--depth=1", "--filter=blob:none", "--no-checkout");
  const cold = new Rehearsal({ files: {}, operator: clone, plays: { scribe } });
  renameSync(origin.path, `${origin.path}.away`);

  const error: unknown = await cold.tick().catch((reason: unknown) => reason);

  const { exit, problem } = failureOf(error);
  expect(exit).toBe("temporary");
  expect(problem).toContain("was left at the origin, which does not give it now");
  renameSync(`${origin.path}.away`, origin.path);
  expect((await cold.tick()).end).toEqual({ kind: "settled" });
  expect(origin.git("show", "main:projects/shop/note.md")).toBe("delivered");
});
