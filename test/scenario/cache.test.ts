import { expect, test } from "vitest";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { forgeRecord, payloadFile } from "../support/forged-state.ts";
import type { FileTexts } from "../support/git-repo.ts";
import { Rehearsal } from "../support/rehearsal.ts";
import { appendCommit } from "../support/rewrite-branch.ts";

const STEPS = [
  {
    id: "translate",
    agent: "translator",
    forEach: "${{ [params.first, 'good bye'] }}",
    itemKey: "${{ item }}",
    with: { text: "${{ item }}" },
    cache: true,
  },
  { id: "log", agent: "scribe", with: { items: "${{ steps.translate.items }}" } },
];
const READS = { reads: ["${{ project.dir }}/words/**"] };
const FILES: FileTexts = {
  ...settings(),
  ...project("shop"),
  ...agent("translator", READS),
  ...agent("scribe"),
  ...pipeline("shop/words", STEPS, { params: { first: { type: "string", default: "hello" } } }),
  "projects/shop/words/list.txt": "hello: moin\n",
};

function shop(): Rehearsal {
  return new Rehearsal({
    files: FILES,
    plays: {
      translator: ({ inputs }) => ({ outputs: { text: `~${String(inputs["text"])}` } }),
      scribe: () => ({}),
    },
  });
}

async function run(of: Rehearsal, params: Readonly<Record<string, unknown>> = {}): Promise<void> {
  of.pass("1d");
  await of.request("shop/words", params);
  await of.tick();
}

function translated({ calls }: Rehearsal): readonly unknown[] {
  return calls.flatMap(({ agent: { name }, inputs }) =>
    name === "translator" ? [inputs["text"]] : [],
  );
}

function attempts(of: Rehearsal): readonly AttemptRecord[] {
  return (of.closedRuns().at(-1)?.attempts ?? []).filter(({ step }) => step === "translate");
}

test("A result is taken over by a later run where the agent would be given the same.", async () => {
  const of = shop();
  await run(of);
  await run(of);

  expect(translated(of)).toEqual(["hello", "good bye"]);
  const [first, second] = of.closedRuns();
  expect(attempts(of)).toMatchObject([
    {
      outcome: "succeeded",
      reason: `taken over from ${first?.run.id}, which was given the same`,
      keptFrom: { run: first?.run.id, attempt: 1 },
      costMicros: 0,
    },
    { keptFrom: { run: first?.run.id } },
  ]);
  expect(second?.result).toBe("succeeded");
  const logged = of.calls.at(-1)?.inputs["items"];
  expect(logged).toMatchObject([
    { outputs: { text: "~hello" } },
    { outputs: { text: "~good bye" } },
  ]);
  expect((await of.verify()).findings).toEqual([]);
});

test("Its agent is not told the time, which would make every run another one.", async () => {
  const of = shop();
  await run(of);

  const clocks = of.calls.map(({ agent: { name }, asOf }) => [name, asOf === null]);
  expect(new Map(clocks.map(([name, isNull]) => [name, isNull]))).toEqual(
    new Map([
      ["translator", true],
      ["scribe", false],
    ]),
  );
});

test.each<[string, FileTexts]>([
  ["a file that the agent reads", { "projects/shop/words/list.txt": "hello: servus\n" }],
  ["the agent", agent("translator", { ...READS, role: "Translates better." })],
])("It is made anew when %s has changed.", async (_, files) => {
  const of = shop();
  await run(of);
  of.operator.commit(files, "Change it");

  await run(of);

  expect(translated(of)).toEqual(["hello", "good bye", "hello", "good bye"]);
});

test("What was given something else is made, and what was given the same is not.", async () => {
  const of = shop();
  await run(of);
  await run(of, { first: "thanks" });

  expect(translated(of)).toEqual(["hello", "good bye", "thanks"]);
});

test("A file that the agent does not read makes no difference.", async () => {
  const of = shop();
  await run(of);
  of.operator.commit({ "projects/shop/other.txt": "new\n" }, "Write");
  await run(of);

  expect(translated(of)).toHaveLength(2);
});

test("Outputs that are not kept any more are made anew.", async () => {
  const of = shop();
  await run(of);
  const [hello] = attempts(of);
  const { month = "", digest = "" } = hello?.outputs ?? {};
  appendCommit(of.operator, `fettle/payload/${month}`, { [payloadFile(digest)]: null });

  await run(of);

  expect(translated(of)).toEqual(["hello", "good bye", "hello"]);
});

test("A result that failed is not taken over.", async () => {
  const of = shop();
  const { translator } = of.plays;
  of.plays["translator"] = () => ({
    outcome: "missing-data",
    reason: "no such word",
    outputs: null,
  });
  await run(of);
  Object.assign(of.plays, { translator });

  await run(of);

  expect(translated(of)).toEqual(["hello", "good bye", "hello", "good bye"]);
});

test("A result that was changed where others would take it from is a finding.", async () => {
  const of = shop();
  await run(of);

  forgeRecord(of.operator, String.raw`^cache/.*\.json$`, (record) => ({
    ...record,
    rationale: "trust me",
  }));

  expect((await of.verify()).findings.map(({ message }) => message)).toContain(
    "rationale is not what the event says",
  );
});
