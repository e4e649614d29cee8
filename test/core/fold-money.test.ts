/** What is granted is settled by whoever was given it, and by nobody else. */
import { expect, test } from "vitest";
import { foldMoney } from "#runner/core/fold/fold-money.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { Money } from "#runner/schema/types.gen.ts";
import { runFinished, stepFinished } from "../support/ledger-events.ts";

const RUN = "chase.aaaaaaaaaaaa";
const UNIT = { run: RUN, step: "draft", item: null, attempt: 1 };
const DAY = "2026-11-22";
const SPENDER = "shop/chase/draft";

function amount(micros: number): Money["totals"][string] {
  return { micros, tokens: 0, requests: 0, ms: 0 };
}

function granted(grant: string, micros: number): LedgerEvent {
  const who = { project: "shop", pipeline: "chase", agent: "draft", ...UNIT };
  const at = `${DAY}T10:00:00.000Z`;
  return { kind: "spend-granted", at, ...who, grant, day: DAY, amount: amount(micros) };
}

function settled(grant: string, micros: number): LedgerEvent {
  const at = `${DAY}T11:00:00.000Z`;
  return { kind: "spend-settled", at, project: "shop", ...UNIT, grant, spent: amount(micros) };
}

const result = (grant: string, micros: number): LedgerEvent =>
  stepFinished({ run: RUN, grant, spent: amount(micros) });

function after(...events: readonly LedgerEvent[]): { open: readonly string[]; taken: number } {
  const money = events.reduce<Money | undefined>(foldMoney, undefined);
  return {
    open: (money?.grants ?? []).map(({ grant }) => grant),
    taken: money?.totals[SPENDER]?.micros ?? 0,
  };
}

const finished = runFinished({ run: RUN });

test.each<[string, readonly LedgerEvent[], readonly string[], number]>([
  ["a grant is open until it is settled", [granted("a", 100)], ["a"], 0],
  ["a result settles its own", [granted("a", 100), result("a", 30)], [], 30],
  [
    "who takes the work over leaves open what the first was given",
    [granted("a", 100), granted("b", 300)],
    ["a", "b"],
    0,
  ],
  [
    "the result of the first says nothing of what the second takes",
    [granted("a", 100), granted("b", 300), result("a", 30)],
    ["b"],
    30,
  ],
  ["what died is settled by what is known of it", [granted("a", 100), settled("a", 70)], [], 70],
  ["a grant is settled once", [granted("a", 100), settled("a", 70), settled("a", 90)], [], 70],
  [
    "with the run all that is open counts in full",
    [granted("a", 100), granted("b", 300), result("b", 30), finished],
    [],
    130,
  ],
  [
    "what comes after the run changes nothing",
    [granted("a", 100), finished, settled("a", 1)],
    [],
    100,
  ],
])("%s", (_, events, open, taken) => {
  expect(after(...events)).toEqual({ open, taken });
});
