import { expect, test } from "vitest";
import type { AdmissionRules } from "#runner/core/memory/memory-admission.ts";
import { clustersToMerge, type MemoryCluster } from "#runner/core/memory/memory-cluster.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { clustersFor } from "#runner/core/memory/memory-groups.ts";
import { admitMerged } from "#runner/core/memory/memory-merge.ts";
import { memoryDigest } from "#runner/core/memory/memory-text.ts";
import { forgottenBy, NOTHING_FORGOTTEN } from "#runner/core/memory/memory-tombstone.ts";

const NOW = "2026-11-22T08:00:00.000Z";
const NOBODY = { refused: new Set<string>(), waiting: new Set<string>() };

function memory(
  id: string,
  text: string,
  more: Partial<StoredMemory["record"]> = {},
): StoredMemory {
  const record = { kind: "fact" as const, subject: "client/acme", ...more };
  return { id, namespace: "shop", path: `memory/shop/fact/${id}.md`, blob: "b", text, record };
}

const SOURCES = [
  memory("mem_a", "Acme wants short mails, 5 lines.", { confidence: 0.6, tags: ["tone"] }),
  memory("mem_b", "Acme wants short and warm mails.", { tags: ["tone", "mail"] }),
];
const BOTH = ["mem_a", "mem_b"];
const TEXT = "Acme: warm mails of 5 lines.";

function ids(clusters: readonly MemoryCluster[]): readonly (readonly string[])[] {
  return clusters.map(({ sources }) => sources.map(({ id }) => id));
}

const RULES = {
  clusters: clustersToMerge(SOURCES, NOBODY),
  namespace: "shop",
  run: "tidy.000000000000",
  step: "tidy",
  item: null,
  agent: "keeper@1.0.0",
  asOf: NOW,
  trust: "internal" as const,
  existing: SOURCES,
  taken: { records: 0, bytes: 0 },
  unwanted: new Set<string>(),
  forgotten: NOTHING_FORGOTTEN,
  knownSecrets: {},
};

type Given = Partial<AdmissionRules> & { readonly clusters?: readonly MemoryCluster[] };

function merged(values: readonly unknown[], more: Given = {}): ReturnType<typeof admitMerged> {
  return admitMerged({ merged: values }, { ...RULES, ...more });
}

test("a cluster in an agent's words supersedes exactly its sources, rests on them, and waits for an operator", () => {
  const { admitted, refused } = merged([{ supersedes: ["mem_b", "mem_a"], text: ` ${TEXT}\n` }]);

  expect(refused).toEqual([]);
  expect(admitted).toMatchObject([
    {
      text: TEXT,
      record: {
        kind: "fact",
        subject: "client/acme",
        confidence: 0.6,
        tags: ["tone", "mail"],
        source: { run: "tidy.000000000000", agent: "keeper@1.0.0", evidence: BOTH },
        trust: "internal",
        recordedAt: NOW,
        supersedes: BOTH,
      },
      ask: {
        why: "it takes the place of mem_a (Acme wants short mails, 5 lines.), mem_b (Acme wants short and warm mails.)",
      },
    },
  ]);
  expect(admitted[0]?.file).toContain("supersedes: [mem_a, mem_b]");
});

test("the same attempt gives the same record, and text from outside is told", () => {
  const value = { supersedes: BOTH, text: TEXT };

  expect(merged([value])).toEqual(merged([value]));
  expect(merged([value], { trust: "external" }).admitted[0]).toMatchObject({
    record: { trust: "external" },
    ask: { why: expect.stringMatching(/; text from outside took part$/u) },
  });
});

test.each([
  ["text", "it is not an object with supersedes and text"],
  [{ supersedes: BOTH }, "it is not an object with supersedes and text"],
  [{ supersedes: "mem_a", text: TEXT }, "its supersedes is not a list"],
  [{ supersedes: [1], text: TEXT }, "its supersedes names something that is no record"],
  [
    { supersedes: ["mem_x"], text: TEXT },
    "it supersedes none of the records that the step was given",
  ],
  [{ supersedes: ["mem_a"], text: TEXT }, "it leaves out mem_b, which belongs to it"],
  [{ supersedes: [...BOTH, "mem_x"], text: TEXT }, "it takes in mem_x, which does not belong"],
  [{ supersedes: BOTH, text: "" }, 'its field "text" is missing or not valid'],
  [{ supersedes: BOTH, text: `5 ${"x".repeat(4096)}` }, 'its field "text" is missing or not valid'],
  [{ supersedes: BOTH, text: "Acme: warm, short mails." }, "it loses 5, which its sources say"],
  [
    { supersedes: BOTH, text: "Acme: warm mails of 5 to 7 lines." },
    "it says 7, which none of its sources says",
  ],
])("%j is refused: %s", (value, reason) => {
  expect(merged([value])).toMatchObject({ admitted: [], refused: [{ reason }] });
});

const FILLED = { records: 20, bytes: 0 };
const SECRET = { TOKEN: "open-sesame" };
const DIGEST = clustersToMerge(SOURCES, NOBODY)[0]?.digest ?? "";
const FORGOTTEN = forgottenBy([{ subject: "client/acme", at: NOW, by: "ada", reason: "asked" }]);

test.each<readonly [string, Given, string]>([
  ["holds a secret", { knownSecrets: SECRET }, "it holds a secret (secret:TOKEN)"],
  ["is too much for its run", { taken: FILLED }, "the run has its 20 records already"],
  [
    "was rejected as a group",
    { unwanted: new Set([DIGEST]) },
    "an operator did not want it remembered",
  ],
  [
    "was rejected word for word",
    { unwanted: new Set([memoryDigest(`${TEXT} open-sesame`)]) },
    "an operator did not want it remembered",
  ],
  ["is of what was forgotten", { forgotten: FORGOTTEN }, "all about client/acme was forgotten"],
  [
    "comes after a source was retracted",
    { existing: [...SOURCES, memory("mem_r", "", { retracts: ["mem_a"] })] },
    "mem_a is replaced already, or something waits to replace it",
  ],
  [
    "comes after something that waits to replace a source",
    {
      existing: [
        ...SOURCES,
        { ...memory("mem_p", "Other words.", { supersedes: ["mem_b"] }), isProposed: true },
      ],
    },
    "mem_b is replaced already, or something waits to replace it",
  ],
  [
    "says what a record beside it says",
    { existing: [...SOURCES, memory("mem_c", `${TEXT} open-sesame`)] },
    "the same text is remembered already",
  ],
])("what %s is refused", (_, more, reason) => {
  const value = { supersedes: BOTH, text: `${TEXT} open-sesame` };

  expect(merged([value], more)).toMatchObject({
    admitted: [],
    refused: [{ reason, subject: "client/acme" }],
  });
  expect(merged([value]).admitted).toHaveLength(1);
});

test("one answer to a question does not stand beside another one that was not among its sources", () => {
  const tone = { attribute: "tone" };
  const sources = SOURCES.map((one) => ({ ...one, record: { ...one.record, ...tone } }));
  const clusters = clustersToMerge(sources, NOBODY);
  const other = memory("mem_c", "Letters are to be formal.", tone);
  const value = { supersedes: BOTH, text: TEXT };

  expect(merged([value], { clusters, existing: sources }).admitted).toMatchObject([
    { record: tone },
  ]);
  expect(merged([value], { clusters, existing: [...sources, other] }).refused).toMatchObject([
    { reason: "mem_c answers that too, and is not among its sources" },
  ]);
});

test("a long group is told by the beginnings of its first five", () => {
  const sources = Array.from({ length: 7 }, (_, at) => memory(`mem_${at}`, "so ".repeat(50)));
  const value = { supersedes: sources.map(({ id }) => id), text: "so" };
  const given = { clusters: clustersToMerge(sources, NOBODY), existing: sources };

  const [only] = merged([value], given).admitted;

  expect(only?.ask?.why).toContain(`mem_4 (${"so ".repeat(34).slice(0, 100)}\u2026) and 2 more`);
  expect(only?.ask?.why).not.toContain("mem_5");
});

test("a group becomes one record, once in an attempt", () => {
  const value = { supersedes: BOTH, text: TEXT };

  const { admitted, refused } = merged([value, { ...value, text: `${TEXT} Really.` }]);

  expect(admitted.map(({ text }) => text)).toEqual([TEXT]);
  expect(refused).toMatchObject([
    { reason: "mem_a is replaced already, or something waits to replace it" },
  ]);
});

test("outputs without merged propose nothing", () => {
  for (const outputs of [null, {}, { merged: "none" }]) {
    expect(admitMerged(outputs, RULES)).toEqual({ admitted: [], refused: [] });
  }
});

test("what was refused as one is left alone until one of its records changes, and what waits too", () => {
  const [cluster] = clustersToMerge(SOURCES, NOBODY);
  const refused = new Set([cluster?.digest ?? ""]);
  const edited = SOURCES.with(1, memory("mem_b", "Acme wants short, warm mails."));

  expect(ids(clustersToMerge(SOURCES, NOBODY))).toEqual([BOTH]);
  expect(clustersToMerge(SOURCES, { ...NOBODY, refused })).toEqual([]);
  expect(ids(clustersToMerge(edited, { ...NOBODY, refused }))).toEqual([BOTH]);
  expect(clustersToMerge(SOURCES, { ...NOBODY, waiting: new Set(["mem_b"]) })).toEqual([]);
});

test.each<readonly [string, Partial<StoredMemory["record"]>]>([
  ["runs out by itself", { ttl: "30d" }],
  ["holds for other days", { validTo: "2027-01-01" }],
  ["holds from another day on", { validFrom: "2026-01-01" }],
])("what %s stays alone", (_, more) => {
  const other = memory("mem_b", "Acme wants short and warm mails.", more);

  expect(clustersToMerge([memory("mem_a", "Acme wants short mails."), other], NOBODY)).toEqual([]);
});

const OTHERS = [
  memory("mem_c", "Bolt pays late, always.", { subject: "client/bolt" }),
  memory("mem_d", "Bolt pays late, nearly always.", { subject: "client/bolt" }),
];

test.each([
  [{ limit: 4, tokens: 1000 }, [BOTH, ["mem_c", "mem_d"]]],
  [{ limit: 3, tokens: 1000 }, [BOTH]],
  [{ limit: 4, tokens: 20 }, [BOTH]],
  [{ limit: 1, tokens: 1 }, [BOTH]],
])("of %j a step is given whole groups, and one in any case", (room, expected) => {
  const grouping = { asOf: NOW, refused: NOBODY.refused, proposed: [], room };

  expect(ids(clustersFor([...SOURCES, ...OTHERS], grouping))).toEqual(expected);
});

test("only what is in force and does not wait is given", () => {
  const room = { limit: 50, tokens: 1000 };
  const proposed = [memory("mem_p", "", { supersedes: ["mem_a"] })];
  const retraction = memory("mem_r", "", { retracts: ["mem_c"] });
  const grouping = { asOf: NOW, refused: NOBODY.refused, proposed, room };

  expect(clustersFor([...SOURCES, ...OTHERS, retraction], grouping)).toEqual([]);
});
