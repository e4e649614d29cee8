import { expect, test } from "vitest";
import type { MemoryRecord } from "#runner/schema/types.gen.ts";
import { forgottenBy, NOTHING_FORGOTTEN } from "#runner/core/memory/memory-tombstone.ts";
import { memoryDigest } from "#runner/core/memory/memory-text.ts";
import { type AdmissionRules, admitMemory } from "#runner/core/memory/memory-admission.ts";

const rules: AdmissionRules = {
  writes: ["fact", "heuristic"],
  namespace: "collections",
  run: "chase-invoices.000000000000",
  step: "record",
  item: null,
  agent: "reminder-log@1.0.0",
  asOf: "2026-11-22T08:00:00.000Z",
  trust: "internal",
  existing: [],
  injected: [],
  taken: { records: 0, bytes: 0 },
  unwanted: new Set(),
  forgotten: NOTHING_FORGOTTEN,
  knownSecrets: {},
};

const fact = { kind: "fact", subject: "client/acme", text: "Acme pays net 14 from November." };

function refusals(proposals: readonly unknown[], more: Partial<AdmissionRules> = {}): string[] {
  return admitMemory(proposals, { ...rules, ...more }).refused.map(({ reason }) => reason);
}

test("a proposal becomes a record with its source, at a path of its own", () => {
  const proposal = {
    ...fact,
    attribute: "payment-terms",
    confidence: 0.8,
    validFrom: "2026-11-01",
  };

  const { admitted, refused } = admitMemory([proposal], rules);

  expect(refused).toEqual([]);
  expect(admitted).toHaveLength(1);
  const [entry] = admitted;
  expect(entry?.record).toEqual({
    id: expect.stringMatching(/^mem_[0-9a-z]{16}$/),
    kind: "fact",
    subject: "client/acme",
    attribute: "payment-terms",
    confidence: 0.8,
    validFrom: "2026-11-01",
    source: { run: rules.run, step: "record", agent: "reminder-log@1.0.0" },
    trust: "internal",
    recordedAt: rules.asOf,
  });
  expect(entry?.path).toBe(
    `memory/collections/fact/2026-11/client-acme-payment-terms.${entry?.record.id.slice(4, 12)}.md`,
  );
  expect(entry?.file).toMatch(/^---\nid: "?mem_/);
});

test("a step that is tried again gives the same records at the same paths", () => {
  const first = admitMemory([fact, { ...fact, text: "other words" }], rules);
  const again = admitMemory([fact, { ...fact, text: "other words" }], rules);
  const otherItem = admitMemory([fact], { ...rules, item: "B" });

  expect(again).toEqual(first);
  expect(new Set(first.admitted.map(({ path }) => path)).size).toBe(2);
  expect(otherItem.admitted[0]?.record.id).not.toBe(first.admitted[0]?.record.id);
});

test.each([
  ["text", "it is not an object"],
  [{ ...fact, kind: "episode" }, 'its field "kind" is missing or not valid'],
  [{ kind: "fact", text: "a" }, 'its field "subject" is missing or not valid'],
  [{ ...fact, subject: "a\nb" }, 'its field "subject" is missing or not valid'],
  [{ ...fact, text: "x".repeat(4097) }, 'its field "text" is missing or not valid'],
  [{ ...fact, text: "é".repeat(2049) }, 'its field "text" is missing or not valid'],
  [{ ...fact, text: "a\u202Eb" }, 'its field "text" is missing or not valid'],
  [{ ...fact, confidence: 2 }, 'its field "confidence" is missing or not valid'],
  [{ ...fact, validFrom: "soon" }, 'its field "validFrom" is missing or not valid'],
  [{ ...fact, trust: "operator" }, 'it has an unknown field "trust"'],
  [{ ...fact, kind: "decision" }, "the agent may not write records of the kind decision"],
])("%j is refused", (proposal, reason) => {
  expect(refusals([proposal])).toEqual([reason]);
});

test("an agent that declares no kinds writes nothing", () => {
  expect(refusals([fact], { writes: undefined })).toEqual([
    "the agent may not write records of the kind fact",
  ]);
});

test("the same text is remembered once, whatever its spacing and case", () => {
  const same = { ...fact, text: "  acme pays NET 14\nfrom   November. " };
  const existing = [
    { id: "mem_1", record: { kind: "fact" as const, subject: "x" }, text: same.text },
  ];

  expect(refusals([fact, same])).toEqual(["the same text is remembered already"]);
  expect(refusals([fact], { existing })).toEqual(["the same text is remembered already"]);
});

test("a secret in any field is refused, and not repeated", () => {
  const knownSecrets = { TOKEN: "open-sesame-1" };
  const inText = { ...fact, text: "The word is open-sesame-1." };
  const inSubject = { ...fact, subject: "open-sesame-1" };

  const { refused } = admitMemory([inText, inSubject], { ...rules, knownSecrets });

  expect(refused).toEqual([
    { reason: "it holds a secret (secret:TOKEN)", subject: "client/acme" },
    { reason: "it holds a secret (secret:TOKEN)", subject: "unknown" },
  ]);
});

test("a secret as the name of a field, or at the end of a long subject, is not repeated", () => {
  const knownSecrets = { TOKEN: "open-sesame-1" };
  const asName = { ...fact, "open-sesame-1": 1 };
  const atTheEnd = { ...fact, subject: `${"x".repeat(112)} open-sesame-1` };

  const { refused } = admitMemory([asName, atTheEnd], { ...rules, knownSecrets });

  expect(refused).toEqual([
    { reason: 'it has an unknown field "[redacted: secret:TOKEN]"', subject: "client/acme" },
    { reason: 'its field "subject" is missing or not valid', subject: "unknown" },
  ]);
});

test("what a step was told and tells back is no news, a new number is", () => {
  const injected = [
    { id: "mem_told", text: "Acme pays net 14 from November; agreed by mail on 1 November." },
  ];
  const echo = { ...fact, text: "Acme pays net 14 from November, agreed by mail." };
  const news = { ...fact, text: "Acme pays net 30 from November; agreed by mail on 1 November." };
  const other = { ...fact, text: "Acme prefers calls in the morning." };

  expect(refusals([echo, news, other], { injected })).toEqual([
    "it repeats a record that the step was given",
  ]);
});

test("what was told back counts as confirmed", () => {
  const injected = [{ id: "mem_told", text: fact.text }];

  expect(admitMemory([fact], { ...rules, injected }).confirmed).toEqual(["mem_told"]);
  expect(admitMemory([fact], rules).confirmed).toEqual([]);
});

test("a run writes twenty records at most, and 64 KB of text", () => {
  const many = Array.from({ length: 22 }, (_, at) => ({ ...fact, text: `Fact number ${at}.` }));
  const long = { ...fact, text: "x".repeat(4000) };

  const { admitted, refused } = admitMemory(many, { ...rules, taken: { records: 3, bytes: 0 } });

  expect(admitted).toHaveLength(17);
  expect(refused.map(({ reason }) => reason)).toEqual(
    Array(5).fill("the run has its 20 records already"),
  );
  expect(refusals([long], { taken: { records: 1, bytes: 61_537 } })).toEqual([
    "the texts of the run would be more than 64 KB",
  ]);
  expect(refusals([long], { taken: { records: 1, bytes: 61_536 } })).toEqual([]);
});

const earlier = (id: string, more: Partial<MemoryRecord> = {}) => ({
  id,
  record: {
    kind: "fact" as const,
    subject: "client/acme",
    attribute: "last-reminder",
    trust: "internal" as const,
    ...more,
  },
  text: `What ${id} says.`,
});

const known = (id: string, said: string, more: Partial<MemoryRecord> = {}) => ({
  id,
  record: { kind: "fact" as const, subject: "client/acme", trust: "internal" as const, ...more },
  text: said,
});

test.each([
  [
    "nearly the same as what is known",
    "Acme pays net 14 from November on.",
    "it says nearly what mem_known says",
  ],
  ["something that was retracted", "Acme is in Bremen.", "mem_wrong said that and was retracted"],
  ["something that was superseded once", "Acme pays cash.", undefined],
  [
    "what waits for an operator",
    "No fees for Acme.",
    "mem_asked says that and waits for an operator",
  ],
  ["what an operator refused", "Acme is slow.", "an operator did not want it remembered"],
])("a proposal that says %s: %s", (_, text, reason) => {
  const existing = [
    known("mem_known", "Acme pays net 14 from November on, too."),
    known("mem_wrong", "Acme is in Bremen."),
    known("mem_cash", "Acme pays cash."),
    known("mem_card", "Acme pays by card.", { supersedes: ["mem_cash"] }),
    known("mem_sorry", "That was Apex.", { retracts: ["mem_wrong"] }),
    { ...known("mem_asked", "No fees for Acme."), isProposed: true },
  ];
  const unwanted = new Set([memoryDigest("acme is SLOW.")]);

  expect(refusals([{ ...fact, text }], { existing, unwanted })[0]).toBe(reason);
});

test("with an attribute a record replaces the answer before it; a person's or a pinned one only with an operator's word", () => {
  const proposal = { ...fact, attribute: "last-reminder" };
  const answered = (more: Partial<MemoryRecord>) => {
    const existing = [earlier("mem_a", more)];
    const [entry] = admitMemory([proposal], { ...rules, existing }).admitted;
    return { supersedes: entry?.record.supersedes, why: entry?.ask?.why };
  };

  expect(answered({})).toEqual({ supersedes: ["mem_a"], why: undefined });
  expect(answered({ trust: "external" })).toEqual({ supersedes: ["mem_a"], why: undefined });
  expect(answered({ trust: "operator" }).why).toBe("it replaces mem_a, which an operator wrote");
  expect(answered({ pinned: true }).why).toBe("it replaces mem_a, which is pinned");
  expect(answered({ validTo: "2026-01-01" })).toEqual({ supersedes: undefined, why: undefined });
});

test.each([
  [{ ...fact, kind: "decision" }, "internal", "it is a decision"],
  [{ ...fact, kind: "template" }, "internal", "it is a template"],
  [fact, "external", "text from outside took part"],
  [fact, "internal", undefined],
] as const)("whether %j of trust %s waits for an operator: %s", (proposal, trust, why) => {
  const writes = ["fact", "decision", "template"] as const;

  const [entry] = admitMemory([proposal], { ...rules, writes: [...writes], trust }).admitted;

  expect(entry?.ask?.why).toBe(why);
});

test("one attempt does not answer one question twice", () => {
  const one = { ...fact, attribute: "terms" };

  const { admitted, refused } = admitMemory([one, { ...one, text: "Net 30." }], rules);

  expect(admitted).toHaveLength(1);
  expect(refused[0]?.reason).toBe("another proposal of the same attempt answers that");
});

test.each([
  [{ ...fact, subject: "client/bo" }, "all about client/bo was forgotten"],
  [{ ...fact, subject: "client/bo/billing" }, "all about client/bo was forgotten"],
  [{ ...fact, subject: "client/bob" }, undefined],
  [{ ...fact, text: "ACME is late." }, "it was forgotten"],
])("what was forgotten is not remembered again: %j, %s", (proposal, reason) => {
  const said = { at: rules.asOf, by: "ada@northwind.example", reason: "asked" };
  const forgotten = forgottenBy([
    { ...said, subject: "client/bo" },
    { ...said, id: "mem_1", digest: memoryDigest("acme is late.") },
  ]);

  expect(refusals([proposal], { forgotten })[0]).toBe(reason);
});
