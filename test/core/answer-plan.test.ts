import { expect, test } from "vitest";
import { doubtsIn, planAnswers } from "#runner/core/answer-plan.ts";
import { effectBase } from "#runner/core/effect.ts";
import type { Observed } from "#runner/core/model.ts";
import type { Receipt } from "#runner/schema/types.gen.ts";
import { live, NOW, observed } from "../support/core-builders.ts";
import { ADA, receipts } from "../support/core-records.ts";

const BASE = effectBase("shop", "mailer", "letter");
const RUN = "mail.aaaaaaaaaaaa";

/** A company that remembers no doubt, and a receipt that stands in the way of a run. */
function seen(state: Receipt["state"], openRuns: string[] = []): Observed {
  const record = { ...receipts(BASE, [{ run: RUN, state }]), onceKey: "letter" };
  const answer = {
    id: "answer-1",
    kind: "answer",
    project: "shop",
    base: BASE,
    ordinal: 1,
  } as const;
  return observed([live({ openRuns })], {
    receipts: new Map([[BASE, record]]),
    requests: [{ ...answer, happened: true, by: ADA, reason: "", at: NOW }],
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

test("a doubt that its project remembers is listed once, in the words of the run", () => {
  const facts = seen("uncertain");
  const [found] = doubtsIn(facts);
  if (found === undefined) throw new Error("nothing is in doubt");
  const { project: _, ...doubt } = { ...found, reason: "killed" };

  const known = observed([live({ uncertain: [doubt] })], { receipts: facts.receipts });

  expect(doubtsIn(known)).toEqual([{ ...doubt, project: "shop" }]);
});
