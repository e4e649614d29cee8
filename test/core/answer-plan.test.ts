import { expect, test } from "vitest";
import { doubtsIn, planAnswers } from "#runner/core/answer-plan.ts";
import { effectBase } from "#runner/core/effect.ts";
import type { Observed } from "#runner/core/model.ts";
import type { Receipt } from "#runner/schema/types.gen.ts";
import { live, NOW, observed } from "../support/core-builders.ts";
import { ADA, receipts } from "../support/core-records.ts";

const BASE = effectBase("shop", "mailer", "letter");
const RUN = "mail.aaaaaaaaaaaa";
const BEFORE = "2026-11-20T10:00:00.000Z";

const ANSWER = {
  id: "answer-1",
  kind: "answer",
  project: "shop",
  base: BASE,
  ordinal: 1,
  happened: true,
  by: ADA,
  reason: "",
  at: NOW,
} as const;

/** A company that remembers no doubt, and a receipt that stands in the way of a run. */
function seen(state: Receipt["state"], openRuns: string[] = []): Observed {
  const record = { ...receipts(BASE, [{ run: RUN, state, at: BEFORE }]), onceKey: "letter" };
  return observed([live({ openRuns })], {
    receipts: new Map([[BASE, record]]),
    requests: [ANSWER],
  });
}

test.each<[string, Observed, number]>([
  ["that is in doubt", seen("uncertain"), 1],
  ["that was intended by a run that is over", seen("intended"), 1],
  ["that a run is about to do", seen("intended", [RUN]), 0],
  ["that has happened", seen("happened"), 0],
])("an effect %s can be answered, or not, by its receipt alone", (_, facts, count) => {
  const kind = count === 1 ? "effect-answer" : "request-settle";

  expect(doubtsIn(facts)).toHaveLength(count);
  expect(planAnswers(facts).actions).toMatchObject([{ kind }]);
});

test.each([
  ["for the doubt that its receipt tells", undefined, BEFORE, "effect-answer"],
  ["for one that is over, and not for the next", undefined, NOW, "request-settle"],
  ["for the doubt that its project remembers", NOW, NOW, "effect-answer"],
  ["for an earlier one than its project remembers", NOW, BEFORE, "request-settle"],
])("An answer counts %s.", (_, remembered, since, kind) => {
  const facts = seen("uncertain");
  const [doubt] = doubtsIn(facts);
  if (doubt === undefined) throw new Error("nothing is in doubt");
  const { project: __, ...rest } = doubt;
  const uncertain = remembered === undefined ? [] : [{ ...rest, since: remembered }];

  const { actions } = planAnswers({
    ...observed([live({ uncertain })], { receipts: facts.receipts }),
    requests: [{ ...ANSWER, since }],
  });

  expect(actions).toMatchObject([{ kind }]);
});

test("a doubt that its project remembers is listed once, in the words of the run", () => {
  const facts = seen("uncertain");
  const [found] = doubtsIn(facts);
  if (found === undefined) throw new Error("nothing is in doubt");
  const { project: _, ...doubt } = { ...found, reason: "killed" };

  const known = observed([live({ uncertain: [doubt] })], { receipts: facts.receipts });

  expect(doubtsIn(known)).toEqual([{ ...doubt, project: "shop" }]);
});
