import { expect, test } from "vitest";
import { type AdmissionRules, admitMemory } from "#runner/core/memory-admission.ts";

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
  const injected = ["Acme pays net 14 from November; agreed by mail on 1 November."];
  const echo = { ...fact, text: "Acme pays net 14 from November, agreed by mail." };
  const news = { ...fact, text: "Acme pays net 30 from November; agreed by mail on 1 November." };
  const other = { ...fact, text: "Acme prefers calls in the morning." };

  expect(refusals([echo, news, other], { injected })).toEqual([
    "it repeats a record that the step was given",
  ]);
});

test("a step writes twenty records at most", () => {
  const many = Array.from({ length: 22 }, (_, at) => ({ ...fact, text: `Fact number ${at}.` }));

  const { admitted, refused } = admitMemory(many, rules);

  expect(admitted).toHaveLength(20);
  expect(refused.map(({ reason }) => reason)).toEqual(
    Array(2).fill("more than 20 records in one step"),
  );
});

const earlier = (id: string, trust: "operator" | "internal" | "external", pinned = false) => ({
  id,
  record: {
    kind: "fact" as const,
    subject: "client/acme",
    attribute: "last-reminder",
    trust,
    pinned,
  },
  text: id,
});

test("with an attribute a record replaces an agent's earlier answer, never one of more trust", () => {
  const existing = [
    earlier("mem_c", "operator"),
    earlier("mem_b", "internal"),
    earlier("mem_a", "external"),
    earlier("mem_d", "internal", true),
  ];
  const proposal = { ...fact, attribute: "last-reminder" };
  const replaced = (more: Partial<AdmissionRules>) =>
    admitMemory([proposal], { ...rules, existing, ...more }).admitted[0]?.record.supersedes;

  expect(replaced({})).toEqual(["mem_a", "mem_b"]);
  expect(replaced({ trust: "external" })).toEqual(["mem_a"]);
  expect(admitMemory([fact], { ...rules, existing }).admitted[0]?.record).not.toHaveProperty(
    "supersedes",
  );
});
