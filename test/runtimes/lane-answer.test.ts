/** What a lane tells is made by an agent: nothing of it counts that would not have come of an execution here. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestOfBytes } from "#runner/core/canonical-json.ts";
import { laneAnswer, type LanePlace } from "#runner/runtimes/lane-answer.ts";
import { writeLaneResult } from "#runner/runtimes/lane-result.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import { makeFolder } from "../support/git-repo.ts";
import { invocation } from "./invocation-builder.ts";

const AT = "2026-03-02T09:00:00.000Z";
const LATER = "2026-03-02T09:10:00.000Z";
const PLAN = digestOfBytes("plan");
const GIVEN = digestOfBytes("invocation");
const NOTE = "projects/shop/notes/a.md";

type Said = Readonly<Record<string, unknown>>;

const ASKED: Invocation = invocation(
  { outputs: { type: "object" } },
  {
    writes: ["projects/shop/**"],
    grant: { micros: 1000, tokens: 500, requests: 2, ms: 0 },
    effectKey: digestOfBytes("effect"),
  },
);

const RESULT: Result = {
  outcome: "succeeded",
  reason: "",
  outputs: { b: 1, a: [2] },
  files: [{ path: NOTE, content: Buffer.from("noted"), executable: false }],
  memory: [],
  rationale: "It was asked for.",
  receipt: { id: "r1" },
  rung: "model:cheap",
  spend: { micros: 900, tokens: 20, requests: 1, basis: "metered", models: {} },
  calls: [
    {
      model: "cheap",
      provider: "openai",
      modelId: "m",
      status: 200,
      micros: 900,
      basis: "metered",
      inFresh: 10,
      cacheRead: 0,
      cacheWrite: 0,
      outText: 10,
      reasoning: 0,
      ms: 4,
      request: Buffer.from("hello"),
      response: Buffer.from("hi"),
    },
  ],
  ms: 40,
  started: true,
  log: "",
};

function told(more: Partial<Result> = {}): LanePlace {
  const folder = makeFolder();
  const of = { plan: PLAN, unit: "u1", invocation: GIVEN, startedAt: AT, finishedAt: LATER };
  const checkpoints = new Map<string, unknown>([["page", 3]]);
  writeLaneResult(folder, { ...of, result: { ...RESULT, ...more }, checkpoints });
  return { folder, plan: PLAN, unit: "u1", invocation: GIVEN, plannedAt: AT, now: LATER };
}

/** A result whose file was changed after it was written. */
function forged(change: (said: Said) => unknown): LanePlace {
  const place = told();
  const file = join(place.folder, "u1.json");
  const said: Said = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify(change(said)));
  return place;
}

test("What a lane tells comes as it was made there, in the order in which it was said.", () => {
  const answer = laneAnswer(ASKED, told());

  const during = { startedAt: AT, finishedAt: LATER };
  expect(answer).toMatchObject({ kind: "checked", result: { ...RESULT, during } });
  if (answer.kind !== "checked") throw new Error(answer.kind);
  expect(JSON.stringify(answer.result.outputs)).toBe('{"b":1,"a":[2]}');
  expect([...answer.checkpoints]).toEqual([["page", 3]]);
});

test("A lane that has told nothing, or was killed while it wrote, has told nothing.", () => {
  const place = told();
  const folder = makeFolder();
  writeFileSync(join(folder, ".u1.json"), readFileSync(join(place.folder, "u1.json")));

  expect(laneAnswer(ASKED, { ...place, folder })).toEqual({ kind: "none" });
});

test.each<readonly [string, (said: Said) => unknown, string]>([
  ["is no object", () => [], "it does not fit its schema: must be object"],
  ["is of another plan", (said) => ({ ...said, plan: GIVEN }), "it is of another plan"],
  ["is of another step", (said) => ({ ...said, unit: "u2" }), "it is of another step"],
  [
    "came of other inputs",
    (said) => ({ ...said, invocation: PLAN }),
    "it came of something else than was planned",
  ],
  [
    "has a field that nobody knows",
    (said) => ({ ...said, decision: "approved" }),
    "it does not fit its schema: must NOT have additional properties",
  ],
  [
    "spent more than was granted",
    (said) => ({ ...said, spend: { ...RESULT.spend, micros: 1001 } }),
    "it says that more was spent than was granted",
  ],
  [
    "took more tokens than were granted",
    (said) => ({ ...said, spend: { ...RESULT.spend, tokens: 501 } }),
    "it says that more was spent than was granted",
  ],
  [
    "made more requests than were granted",
    (said) => ({ ...said, spend: { ...RESULT.spend, requests: 3 } }),
    "it says that more was spent than was granted",
  ],
  [
    "says that it spent less than its requests cost",
    (said) => ({ ...said, spend: { ...RESULT.spend, micros: 1 } }),
    "its requests cost more than it says that it spent",
  ],
  [
    "spent less than nothing",
    (said) => ({ ...said, spend: { ...RESULT.spend, micros: -1 } }),
    "it does not fit its schema: /spend/micros must be >= 0",
  ],
  ["was cut off", (said) => ({ ...said, outcome: "cancelled" }), "it was cut off"],
  [
    "failed and brings outputs",
    (said) => ({ ...said, outcome: "crashed" }),
    "it failed, and brings something all the same",
  ],
  [
    "has outputs against its agent's schema",
    (said) => ({ ...said, outputs: "all" }),
    "outputs: must be object",
  ],
  [
    "holds a secret",
    (said) => ({ ...said, outputs: { token: `ghp_${"a".repeat(36)}` } }),
    "its outputs hold a secret (github-token)",
  ],
])("A result that %s is refused.", (_, change, reason) => {
  expect(laneAnswer(ASKED, forged(change))).toEqual({ kind: "refused", reason });
});

test.each([
  ["../outside.md", "../outside.md has a name that other systems read as another file"],
  ["/etc/cron.d/x", "/etc/cron.d/x has a name that other systems read as another file"],
  [".git/hooks/post-commit", ".git/hooks/post-commit is closed to agents (.git*)"],
  [".github/workflows/x.yml", ".github/workflows/x.yml is closed to agents (.git*)"],
  ["memory/shop/x.md", "memory/shop/x.md is closed to agents (memory/**)"],
  [
    "projects/shop/project.yaml",
    "projects/shop/project.yaml is closed to agents (**/project.yaml)",
  ],
  ["projects/other/a.md", "projects/other/a.md is not among the files that the agent may write"],
  [
    "projects/shop/NOTES/A.md",
    "projects/shop/NOTES/A.md is another spelling of projects/shop/notes/a.md",
  ],
])("A result with the file %s is refused.", (path, reason) => {
  const content = digestOfBytes("noted");
  const files = [
    { path: NOTE, content },
    { path, content },
  ];

  expect(
    laneAnswer(
      ASKED,
      forged((said) => ({ ...said, files })),
    ),
  ).toEqual({ kind: "refused", reason });
});

test("A file that comes twice, is too large, or is not there is refused.", () => {
  const content = digestOfBytes("noted");
  const twice = [
    { path: NOTE, content },
    { path: NOTE, content },
  ];
  const gone = [{ path: NOTE, content: PLAN }];
  const large = told({
    files: [{ path: NOTE, content: Buffer.alloc(6_000_000), executable: false }],
  });

  for (const [place, reason] of [
    [forged((said) => ({ ...said, files: twice })), `${NOTE} comes twice`],
    [forged((said) => ({ ...said, files: gone })), "the content of a file that it made is missing"],
    [large, `${NOTE} is larger than 5 MiB`],
  ] as const) {
    expect(laneAnswer(ASKED, place)).toEqual({ kind: "refused", reason });
  }
});

test("Content under a digest that is not its own is missing.", () => {
  const place = told();
  const name = digestOfBytes("noted").replace("sha256:", "");
  writeFileSync(join(place.folder, "blobs", name), "something else");

  expect(laneAnswer(ASKED, place)).toMatchObject({ kind: "refused" });
});

test("A link in the place of a result is not followed.", () => {
  const place = told();
  const folder = makeFolder();
  mkdirSync(join(folder, "blobs"));
  symlinkSync(join(place.folder, "u1.json"), join(folder, "u1.json"));

  expect(laneAnswer(ASKED, { ...place, folder })).toEqual({ kind: "none" });
});

test("Nothing was granted, or no effect was planned: who brings a spend or a receipt is refused.", () => {
  const { grant: _, effectKey: __, ...plain } = ASKED;

  const free = laneAnswer({ ...plain, effectKey: GIVEN }, told());
  const inward = laneAnswer(
    { ...plain, grant: { micros: 1000, tokens: null, requests: null, ms: 0 } },
    told(),
  );

  expect(free).toMatchObject({
    reason: "it says that it spent something, and nothing was granted",
  });
  expect(inward).toMatchObject({ reason: "it brings a receipt, and its step has no effect" });
});

test("The clock of a lane counts only between the plan and now.", () => {
  const place = forged((said) => ({
    ...said,
    startedAt: "2020-01-01T00:00:00.000Z",
    finishedAt: "2036-01-01T00:00:00.000Z",
  }));

  expect(laneAnswer(ASKED, place)).toMatchObject({
    result: { during: { startedAt: AT, finishedAt: LATER } },
  });
});
