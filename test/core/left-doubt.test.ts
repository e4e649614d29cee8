import { expect, test } from "vitest";
import { explain } from "#runner/core/explain/explain.ts";
import type { Known } from "#runner/core/explanation.ts";
import { doubtedBases } from "#runner/core/left-doubt.ts";
import type { AnswerRequest, Receipt } from "#runner/schema/types.gen.ts";
import { attempt, closedRun, now, workspace } from "../report/example.ts";
import { observed } from "../report/example-observed.ts";
import { plan } from "../report/example-plan.ts";

const run = closedRun.run.id;
const KEY = "reminder/INV-1";
const doubted = attempt({
  run,
  step: "send",
  agent: "mailer",
  item: null,
  outcome: "uncertain",
  reason: "the connection broke",
  effect: { key: "k", base: "b", ordinal: 1, onceKey: KEY },
});
const answer: AnswerRequest = {
  id: "a1",
  kind: "answer",
  project: "collections",
  base: "b",
  ordinal: 1,
  happened: true,
  by: "ada@northwind.example",
  reason: "",
  at: now,
};

function known(receipts: readonly Partial<Receipt>[], requests: readonly AnswerRequest[]): Known {
  const receipt = {
    ordinal: 1,
    state: "uncertain" as const,
    at: now,
    run,
    step: "send",
    item: null,
  };
  const record = {
    base: "b",
    onceKey: KEY,
    agent: "mailer",
    project: "collections",
    receipts: receipts.map((changes) => ({ ...receipt, ...changes })),
  };
  const closed = new Map([[run, { ...closedRun, attempts: [doubted] }]]);
  const seen = { ...observed, requests, receipts: new Map([["b", record]]) };
  return { workspace, observed: seen, plan, closed };
}

function told(thing: string, facts: Known): string {
  return JSON.stringify(explain(thing, facts));
}

const OPEN = "uncertain: the connection broke";

test.each<[string, string, Known]>([
  ["nobody knows yet", OPEN, known([{}], [])],
  [
    "its receipt says that it happened",
    `${OPEN}; since then it is known that it happened`,
    known([{ state: "happened" }], []),
  ],
  [
    "its time is free again",
    `${OPEN}; since then it is known that it did not happen`,
    known([], []),
  ],
  [
    "its time is another run's by now",
    `${OPEN}; since then it is known that it did not happen`,
    known([{ run: "other.1" }], []),
  ],
  [
    "the operator has said so",
    `${OPEN}; ada@northwind.example says that it happened: the next reconcile records that`,
    known([{}], [answer]),
  ],
  [
    "the operator has said something of another time",
    OPEN,
    known([{}], [{ ...answer, ordinal: 2 }]),
  ],
])(
  "an effect that was left in doubt is explained by what is known of it: %s",
  (_, words, facts) => {
    expect(told(KEY, facts)).toContain(`"summary":"${words}"`);
    expect(told(`${run}/send`, facts)).toContain(`"summary":"${words}"`);
    expect(told(`${run}/send`, facts)).toContain(`"label":"outcome","text":"${words}"`);
  },
);

test.each([KEY, run, "chase-invoices"])(
  "%s tells how a doubt is answered as long as nobody has",
  (thing) => {
    const command = `["fettle","answer","${KEY}","did-not"]`;

    expect(told(thing, known([{}], []))).toContain(command);
    expect(told(thing, known([{}], [answer]))).not.toContain(command);
    expect(told(thing, known([{ state: "happened" }], []))).not.toContain(command);
  },
);

test("receipts are read of effects that were left in doubt, and of no others", () => {
  const facts = known([], []);
  const sent = { ...doubted, outcome: "succeeded" as const };
  const closed = new Map([[run, { ...closedRun, attempts: [sent] }]]);

  expect(doubtedBases(facts)).toEqual(["b"]);
  expect(doubtedBases({ ...facts, closed })).toEqual([]);
});
