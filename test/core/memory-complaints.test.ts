/** What people complain of in other memories of agents; each is a test that such a memory fails. */
import { array, assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { admitMemory, type AdmissionRules } from "#runner/core/memory/memory-admission.ts";
import { withinBudget } from "#runner/core/memory/memory-budget.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { standingsOf } from "#runner/core/memory/memory-standing.ts";
import { NOTHING_FORGOTTEN } from "#runner/core/memory/memory-tombstone.ts";
import { toldMemory } from "#runner/runtimes/told-memory.ts";

const NOW = "2026-11-22T08:00:00.000Z";
const RULES: AdmissionRules = {
  writes: ["fact", "heuristic"],
  namespace: "shop",
  run: "chase.000000000000",
  step: "record",
  item: null,
  agent: "scribe@1.0.0",
  asOf: NOW,
  trust: "internal",
  existing: [],
  injected: [],
  taken: { records: 0, bytes: 0 },
  unwanted: new Set(),
  forgotten: NOTHING_FORGOTTEN,
  knownSecrets: {},
};
const FACT = {
  kind: "fact",
  subject: "client/acme",
  text: "Acme pays every invoice by card, never in cash.",
};

type Stored = Pick<StoredMemory, "id" | "record" | "text">;

/** What is remembered after the same proposals were made in run after run, each told all that is known. */
function after(rounds: number, propose: (known: readonly Stored[]) => readonly object[]): Stored[] {
  const known: Stored[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const rules = { ...RULES, run: `chase.${round}`, existing: [...known], injected: [...known] };
    const { admitted } = admitMemory(propose(known), rules);
    known.push(...admitted.map(({ record, text }) => ({ id: record.id, record, text })));
  }
  return known;
}

test("Junk accumulates, because what is recalled is extracted once more: here a hundred runs that tell back what they were told leave one record.", () => {
  const echoes = after(100, (known) => [
    FACT,
    ...known.map(({ record, text }) => ({
      ...FACT,
      subject: record.subject,
      text: `Note: ${text}`,
    })),
  ]);

  expect(echoes).toHaveLength(1);
});

test("Adding the same twice deletes it: here it stays, once.", () => {
  expect(after(2, () => [FACT]).map(({ text }) => text)).toEqual([FACT.text]);
});

test("A correction does not replace what was wrong: here it does, and the old record is still there to be read.", () => {
  const terms = ["Acme pays net 14.", "Acme pays net 30."];
  const known = after(2, () => [{ ...FACT, attribute: "terms", text: terms.shift() ?? "" }]);

  const standings = standingsOf(known, NOW).map(({ kind }) => kind);

  expect(known).toHaveLength(2);
  expect(standings).toEqual(["superseded", "active"]);
});

test("True facts are invalidated by guesses: here no record goes out of force by another that does not name it.", () => {
  const text = string({ minLength: 1, maxLength: 40 });
  assert(
    property(array(text, { maxLength: 8 }), (texts) => {
      const records = [FACT.text, ...texts].map((said, at) => ({
        id: `mem_${at}`,
        record: { kind: "fact" as const, subject: "client/acme", recordedAt: NOW },
        text: said,
      }));

      expect(standingsOf(records, NOW).every(({ kind }) => kind === "active")).toBe(true);
    }),
  );
});

test("The same fact is told nine times over, and the agent learns to ignore it: here it is told once.", () => {
  const nine = Array.from({ length: 9 }, (_, at) => ({
    text: `Acme pays by card, never in cash${"!".repeat(at)}`,
  }));

  expect(withinBudget(nine, { limit: 20, tokens: 5000 })).toHaveLength(1);
});

test("What is stale overrides what is so: here its age is told with it.", () => {
  const record = {
    id: "mem_old",
    kind: "fact" as const,
    subject: "client/acme",
    text: FACT.text,
    trust: "internal" as const,
    confidence: 1,
    recordedAt: "2026-01-01T00:00:00.000Z",
  };

  expect(toldMemory(record, NOW).told).toContain("may be stale");
});

test("What does not fit is trimmed until it does: here it is refused with the reason, and nothing is cut.", () => {
  const long = { ...FACT, text: "x".repeat(4097) };
  const fits = { ...FACT, text: "y".repeat(4096) };

  const { admitted, refused } = admitMemory([long, fits], RULES);

  expect(admitted.map(({ text }) => text)).toEqual([fits.text]);
  expect(refused).toEqual([
    { subject: "client/acme", reason: 'its field "text" is missing or not valid' },
  ]);
});

test("A wrong guess is stored as a fact for ever: here what a person has called wrong is not learnt again.", () => {
  const wrong = { id: "mem_wrong", record: { ...RECORD }, text: FACT.text };
  const said = { ...RECORD, retracts: ["mem_wrong"] };
  const sorry = { id: "mem_sorry", record: said, text: "That was Apex." };

  const { admitted, refused } = admitMemory([FACT], { ...RULES, existing: [wrong, sorry] });

  expect(admitted).toEqual([]);
  expect(refused[0]?.reason).toBe("mem_wrong said that and was retracted");
});

const RECORD = { kind: "fact" as const, subject: "client/acme" };
