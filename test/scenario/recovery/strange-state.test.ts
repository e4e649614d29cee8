/** Whose commits on the state branch are a person's, and where they stand. */
import { expect, test } from "vitest";
import { seenRef, STATE } from "#runner/core/ref-names.ts";
import { strangeState, type StrangeState } from "#runner/loop/strange-state.ts";
import { mailCompany } from "../../support/company.ts";
import { addOrigin, makeRepository, type TestRepository } from "../../support/git-repo.ts";
import { mailShop } from "../../support/mail-shop.ts";
import type { Rehearsal } from "../../support/rehearsal.ts";

async function published(): Promise<{ shop: Rehearsal; operator: TestRepository }> {
  const operator = makeRepository();
  operator.commit(mailCompany(), "Start the company");
  addOrigin(operator);
  return { shop: await mailShop({ operator, files: {} }), operator };
}

/** A commit of a person on another one. */
function byHand({ git }: TestRepository, parent: string, message: string): string {
  return git("commit-tree", "-p", parent, "-m", message, `${STATE}^{tree}`);
}

/** What is strange of the state, where the origin shows it at `there`. */
function strange(shop: Rehearsal, there: string): Promise<StrangeState | null> {
  const shown = new Map([[STATE, there]]);
  return shop.read((engine) => strangeState(engine, shown));
}

test("What a runner committed is no person's, seen before or not; of several by hand the last runner's before all is named.", async () => {
  const { shop, operator } = await published();
  const tip = operator.git("rev-parse", STATE);
  operator.git("update-ref", seenRef(STATE), `${STATE}~1`);
  expect(await strange(shop, tip)).toBeNull();

  const first = byHand(operator, tip, "first");
  const second = byHand(operator, first, "second");
  expect(await strange(shop, second)).toMatchObject({
    kind: "foreign",
    now: second,
    own: tip,
    subject: "second",
    isHere: false,
  });
});

test("What a person committed here is told from what stands at the origin, or at both.", async () => {
  const { shop, operator } = await published();
  const tip = operator.git("rev-parse", STATE);
  const own = byHand(operator, tip, "mine");
  operator.git("update-ref", STATE, own);

  expect(await strange(shop, tip)).toMatchObject({ now: own, isHere: true });
  expect(await strange(shop, own)).toMatchObject({ now: own, isHere: false });
});
