import { expect, test } from "vitest";
import { runContract } from "#runner/runtimes/contract.ts";
import type { ContractReport } from "#runner/runtimes/contract.ts";
import type { Agent, ContractCase } from "#runner/schema/types.gen.ts";
import { file, manifest, options } from "./invocation-builder.ts";

const ECHO = `import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
  const { inputs, asOf, project, effect } = JSON.parse(readFileSync(0, "utf8"));
  mkdirSync("out", { recursive: true });
  writeFileSync("out/a.txt", "text of a");
  const sees = ["in/own.txt", "in/fixture.txt", "in/closed.txt"].filter((path) => existsSync(path));
  const outputs = { answer: sees.join(" "), inputs, asOf, project, keyed: effect !== null };
  const memory = [{ kind: "fact", subject: "client/acme", text: "Acme pays late." }];
  process.stdout.write(JSON.stringify({ outputs, memory }));`;

function run(
  contract: Partial<ContractCase>,
  agent: Partial<Agent> = {},
  source = ECHO,
): Promise<ContractReport> {
  const folder = [
    file("agents/tester/main.mjs", source),
    file("agents/tester/contract/books/in/fixture.txt", "from the fixture"),
    file("agents/tester/contract/books/in/own.txt", "hidden by the case's own"),
  ];
  const given = {
    writes: ["${{ inputs.folder }}/*.txt"],
    reads: ["in/own.txt", "in/fixture.txt"],
    outputs: { type: "object" },
    ...agent,
  };
  return runContract(
    { name: "a case", inputs: { folder: "out" }, expect: { outcome: "succeeded" }, ...contract },
    { agent: { name: "tester", tree: "0", manifest: { ...manifest, ...given } }, folder },
    options(),
  );
}

test("a case lays out its files as far as the agent reads them, and expressions in paths see the inputs", async () => {
  const { problems, result } = await run({
    files: { "in/own.txt": "own", "in/closed.txt": "not in reads" },
    fixture: "books",
    asOf: "2026-11-22T08:00:00.000Z",
    expect: {
      outcome: "succeeded",
      outputs: { answer: "in/own.txt in/fixture.txt", project: { name: "example" }, keyed: false },
      files: { "out/a.txt": "text of a" },
      memory: [{ kind: "fact", text: "pays late" }],
    },
  });

  expect(problems).toEqual([]);
  expect(result.files.map(({ path }) => path)).toEqual(["out/a.txt"]);
});

test("everything that comes out otherwise is named", async () => {
  const { problems } = await run({
    expect: {
      outcome: "noop",
      outputs: { answer: "something", inputs: { folder: "in" }, missing: null },
      files: { "out/a.txt": { contains: "nothing" }, "out/b.txt": "b" },
      memory: [{ subject: "client/other" }],
    },
  });

  expect(problems).toEqual([
    "outcome is succeeded, not noop",
    'outputs.answer is "", not "something"',
    'outputs.inputs.folder is "out", not "in"',
    "outputs.missing is missing, not null",
    'out/a.txt does not contain "nothing"',
    "out/b.txt was not made",
    'no proposed memory fits {"subject":"client/other"}',
  ]);
});

const RESUMING = `import { readFileSync, renameSync, writeFileSync } from "node:fs";
  const { checkpoints, checkpointFolder } = JSON.parse(readFileSync(0, "utf8"));
  const page = (checkpoints.page ?? 0) + 1;
  writeFileSync(checkpointFolder + "/page.tmp", String(page));
  renameSync(checkpointFolder + "/page.tmp", checkpointFolder + "/page.json");
  process.stdout.write(JSON.stringify({ outputs: { answer: String(page) } }));`;

test.each([
  [{ page: 3 }, { page: 4 }, []],
  [{ page: 3 }, { page: 5 }, ["checkpoints.page is 4, not 5"]],
  [{}, { page: 1 }, []],
])(
  "an agent that is given %o has saved %o, or it is named",
  async (checkpoints, wanted, problems) => {
    const report = await run(
      { checkpoints, expect: { outcome: "succeeded", checkpoints: wanted } },
      {},
      RESUMING,
    );

    expect(report.problems).toEqual(problems);
  },
);

test("an agent with external effects is given a key", async () => {
  const { problems } = await run(
    { expect: { outcome: "succeeded", outputs: { keyed: true } } },
    { effects: "external" },
  );

  expect(problems).toEqual([]);
});

test("a rung that the agent does not have is no success", async () => {
  const { problems } = await run({ rung: "template" });

  expect(problems).toEqual(["outcome is missing-tool, not succeeded: the agent has no such rung"]);
});
