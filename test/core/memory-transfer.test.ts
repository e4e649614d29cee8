import { expect, test } from "vitest";
import { bulletsOf } from "#runner/core/memory/memory-bullets.ts";
import { memoryClusters, summaryOf } from "#runner/core/memory/memory-cluster.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { memoryDigest } from "#runner/core/memory/memory-text.ts";
import {
  forgottenBy,
  NOTHING_FORGOTTEN,
  tombstonePath,
} from "#runner/core/memory/memory-tombstone.ts";
import { receivedMemory, type Receiving } from "#runner/core/memory/memory-transfer.ts";

const NOW = "2026-11-22T08:00:00.000Z";

function memory(
  id: string,
  text: string,
  more: Partial<StoredMemory["record"]> = {},
): StoredMemory {
  const path = `memory/org/fact/${id}.md`;
  const record = { kind: "fact" as const, subject: "client/acme", ...more };
  return { id, namespace: "org", path, blob: "b", text, record };
}

const RECEIVING: Receiving = {
  known: [memory("mem_known", "Acme pays net 14.")],
  forgotten: NOTHING_FORGOTTEN,
  secrets: {},
  namespaces: new Set(["org", "shop"]),
  isTrusted: false,
  keepsPins: false,
  at: NOW,
};

test("each bullet of an agent's memory file is one thing to remember, about the headings above it", () => {
  const notes = [
    "# House rules",
    "Prose is left out.",
    "- Write short mails,",
    "  and never on Mondays.",
    "## Code style",
    "* Two spaces.",
    "    - nested, part of it",
    "```",
    "- no bullet in code",
    "```",
    "1. Numbered, too.",
  ].join("\n");

  expect(bulletsOf(notes)).toEqual([
    { subject: "notes/house-rules", text: "Write short mails,\nand never on Mondays." },
    { subject: "notes/house-rules/code-style", text: "Two spaces.\n- nested, part of it" },
    { subject: "notes/house-rules/code-style", text: "Numbered, too." },
  ]);
});

test.each([
  ["news", { namespace: "org", record: { kind: "fact", subject: "a" }, text: "New." }, undefined],
  [
    "what is known",
    {
      namespace: "org",
      record: { kind: "fact", subject: "client/acme" },
      text: "acme pays net 14",
    },
    "the same is remembered already",
  ],
  [
    "a record that is here",
    { namespace: "org", record: { id: "mem_known", kind: "fact", subject: "a" }, text: "x" },
    "it is here already",
  ],
  [
    "a record of an unknown project",
    { namespace: "gone", record: { kind: "fact", subject: "a" }, text: "x" },
    "there is no project gone",
  ],
  [
    "what was forgotten",
    { namespace: "org", record: { kind: "fact", subject: "a" }, text: "Bo is ill." },
    "it was forgotten",
  ],
  [
    "too long a text",
    { namespace: "org", record: { kind: "fact", subject: "a" }, text: "x".repeat(4097) },
    'its field "text" is missing or not valid',
  ],
] as const)("%s on its way in: %j, %s", (_, incoming, reason) => {
  const said = { at: NOW, by: "ada", reason: "asked" };
  const forgotten = forgottenBy([{ ...said, id: "mem_x", digest: memoryDigest("bo is ill.") }]);

  const { files, skipped } = receivedMemory([incoming], { ...RECEIVING, forgotten });

  expect(skipped[0]?.reason).toBe(reason);
  expect(files).toHaveLength(reason === undefined ? 1 : 0);
});

test("records that say nearly the same about one subject belong together; answers of another kind do not", () => {
  const records = [
    memory("mem_a", "Acme likes short mails.", { recordedAt: "2026-01-01T00:00:00.000Z" }),
    memory("mem_b", "Acme likes short and friendly mails.", {
      recordedAt: "2026-02-01T00:00:00.000Z",
    }),
    memory("mem_c", "Acme likes short mails.", { kind: "heuristic" }),
    memory("mem_d", "The door code changed."),
    memory("mem_e", "Acme likes short mails, really.", { pinned: true }),
  ];

  const clusters = memoryClusters(records);

  expect(clusters.map((cluster) => cluster.map(({ id }) => id))).toEqual([["mem_a", "mem_b"]]);
  expect(memoryClusters(records.toReversed())).toEqual(clusters);
  expect(summaryOf(clusters[0] ?? [])).toBe(
    "- Acme likes short and friendly mails.\n- Acme likes short mails.",
  );
});

test("no record on its way in stands where another one does already", () => {
  const one = { kind: "fact" as const, subject: "client/acme", recordedAt: NOW };
  const ours = { namespace: "org", text: "Pay 1.", record: { ...one, id: "mem_aaaabbbbccccdddd" } };
  const theirs = { ...ours, text: "Pay 2.", record: { ...one, id: "mem_aaaabbbbeeeeffff" } };
  const { files } = receivedMemory([ours, theirs], RECEIVING);
  const path = files[0]?.path ?? "";
  const known = [{ ...memory("mem_aaaabbbbccccdddd", "Pay 1."), path }];

  expect(files).toMatchObject([{ id: "mem_aaaabbbbccccdddd" }]);
  expect(receivedMemory([theirs], { ...RECEIVING, known })).toEqual({
    files: [],
    skipped: [{ about: "client/acme", reason: "it is here already" }],
  });
});

test("what is forgotten of one subject does not take the place of what is of another", () => {
  const said = { at: NOW, by: "ada", reason: "asked" };
  const paths = ["client/acme", "client-acme", "client"].map((subject) =>
    tombstonePath({ ...said, subject }),
  );

  expect(new Set(paths).size).toBe(3);
  expect(tombstonePath({ ...said, subject: "Client/Acme" })).toBe(paths[0]);
});

test.each([
  ["is of later", { recordedAt: "2099-01-01T00:00:00.000Z" }, /yet to come/],
  ["retracts what is pinned", { retracts: ["mem_pinned"] }, /replaces mem_pinned/],
  ["replaces what is another project's", { supersedes: ["mem_shop"] }, /replaces mem_shop/],
  ["was forgotten by its id", { id: "mem_gone" }, /was forgotten/],
])("a record on its way in is not believed when it %s", (_, said, reason) => {
  const forgetting = { at: NOW, by: "ada", reason: "asked" };
  const receiving: Receiving = {
    ...RECEIVING,
    known: [
      memory("mem_pinned", "Account is 1.", { pinned: true }),
      { ...memory("mem_shop", "Account is 2."), namespace: "shop" },
      memory("mem_own", "Account is 3."),
    ],
    forgotten: forgottenBy([{ id: "mem_gone", digest: "sha256:0", ...forgetting }]),
  };
  const record = { kind: "fact" as const, subject: "iban" };
  const text = "Account is 666.";
  const taken = { namespace: "org", record: { ...record, ...said }, text };
  const own = { namespace: "org", record: { ...record, retracts: ["mem_own"] }, text };

  expect(receivedMemory([taken], receiving).skipped[0]?.reason).toMatch(reason);
  expect(receivedMemory([own], receiving).skipped).toEqual([]);
});

test.each([
  ["nothing more", {}, ["trust: external"]],
  ["that it is trusted", { isTrusted: true }, ["trust: internal"]],
  ["that pins are kept", { keepsPins: true }, ["trust: external", "pinned: true"]],
])(
  "a record that calls itself trusted and pinned is taken in by an operator who says %s",
  (_, more, lines) => {
    const record = { kind: "fact", subject: "a", trust: "internal", pinned: true } as const;

    const { files } = receivedMemory([{ namespace: "org", record, text: "New." }], {
      ...RECEIVING,
      ...more,
    });

    const written = files[0]?.content
      .split("\n")
      .filter((line) => /^(?:trust|pinned):/u.test(line));
    expect(written).toEqual(lines);
  },
);
