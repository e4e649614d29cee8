import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import { execute, type ExecuteOptions } from "#runner/runtimes/execute.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import { options, program, temporaryFolder } from "./invocation-builder.ts";

const SAVE = `
import { readFileSync, writeFileSync, renameSync, rmSync, linkSync, symlinkSync, mkdirSync } from "node:fs";
const input = JSON.parse(readFileSync(0, "utf8"));
const at = (name) => input.checkpointFolder + "/" + name;
const put = (name, text) => { writeFileSync(at("new"), text); renameSync(at("new"), at(name + ".json")); };
const save = (name, value) => put(name, JSON.stringify(value));
const print = (reply) => process.stdout.write(JSON.stringify(reply));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const answer = (text) => print({ outputs: { answer: text } });
`;

interface Saving {
  readonly result: Result;
  /** What was told, each time all of it. */
  readonly told: readonly object[];
}

async function run(
  source: string,
  more: Partial<Invocation> = {},
  site: Partial<ExecuteOptions> = {},
): Promise<Saving> {
  const told: object[] = [];
  const save = (saved: Checkpoints): void => void told.push(Object.fromEntries(saved));
  const result = await execute(program(SAVE + source, more), { ...options(site), save });
  return { result, told };
}

test("what an agent saves is told once a second at most, and the last of it at its end", async () => {
  const { result, told } = await run(
    `for (let page = 1; page <= 30; page += 1) { save("page", page); await sleep(50); } answer("done");`,
  );

  expect(result.outcome).toBe("succeeded");
  expect(told.at(-1)).toEqual({ page: 30 });
  expect(told.length).toBeLessThan(10);
  expect(told.length).toBeGreaterThan(1);
});

test("the next attempt gets all of them, in its request and in its folder; only what changes is told", async () => {
  const checkpoints = new Map<string, unknown>([
    ["page", 3],
    ["seen", { a: [1] }],
  ]);
  const show = `answer(JSON.stringify([input.checkpoints, readFileSync(at("seen.json"), "utf8")]));`;

  const { result, told } = await run(show, { checkpoints });
  expect(result.outputs).toEqual({
    answer: JSON.stringify([{ page: 3, seen: { a: [1] } }, '{"a":[1]}']),
  });
  expect(told).toEqual([]);

  const more = await run(
    `save("page", 4); rmSync(at("seen.json")); ${show.replace("seen.json", "page.json")}`,
    { checkpoints },
  );
  expect(more.told).toEqual([{ page: 4, seen: { a: [1] } }]);
});

test("an agent that fails, or is killed at its limit, has saved what it has saved", async () => {
  const crashed = await run(`save("page", 1); process.exit(3);`);
  const late = await run(`save("page", 2); await sleep(60_000);`, { timeoutMs: 600 });

  expect([crashed.result.outcome, crashed.told]).toEqual(["crashed", [{ page: 1 }]]);
  expect([late.result.outcome, late.told]).toEqual(["timeout", [{ page: 2 }]]);
});

test("an agent that is stopped has saved what it has saved", async () => {
  const controller = new AbortController();
  const mark = join(temporaryFolder(), "saved");
  const running = run(
    `save("page", 7); writeFileSync(input.inputs.mark, ""); await sleep(60_000);`,
    { inputs: { mark } },
    { signal: controller.signal },
  );
  while (!existsSync(mark)) await sleep(10);
  controller.abort();
  const { result, told } = await running;

  expect([result.outcome, told]).toEqual(["cancelled", [{ page: 7 }]]);
});

const SECRETS = { TOKEN: "correct horse battery" };

test.each([
  ["no JSON", `put("page", "{");`, "checkpoint page was not kept: it is no JSON"],
  [
    "nesting without end",
    `put("page", "[".repeat(100_000) + "]".repeat(100_000));`,
    "checkpoint page was not kept: it is no JSON",
  ],
  [
    "too much",
    `save("page", "x".repeat(256 * 1024));`,
    "checkpoint page was not kept: it is larger than 256 KiB",
  ],
  [
    "a secret",
    `save("page", "correct horse battery");`,
    "checkpoint page was not kept: it holds a secret",
  ],
  [
    "a link to elsewhere",
    `rmSync(at("page.json")); symlinkSync("/etc/hostname", at("page.json"));`,
    "checkpoint page was not kept: it cannot be read",
  ],
  [
    "a second name of a file",
    `writeFileSync(at("other"), "7"); rmSync(at("page.json")); linkSync(at("other"), at("page.json"));`,
    "checkpoint page was not kept: it is no plain file",
  ],
  [
    "a folder",
    `rmSync(at("page.json")); mkdirSync(at("page.json"));`,
    "checkpoint page was not kept: it is no plain file",
  ],
])("%s is not kept and told in the log; what was saved before stays", async (_, source, note) => {
  const { result, told } = await run(
    `save("page", 1); ${source} await sleep(10); answer("done");`,
    {
      secrets: SECRETS,
      checkpoints: new Map([["page", 0]]),
    },
  );

  expect(result.outcome).toBe("succeeded");
  expect(told).toEqual([]);
  expect(result.log).toContain(`fettle: ${note}`);
  expect(result.log).not.toContain("correct horse");
});

test("names that are none are left aside, and no more than sixteen are kept", async () => {
  const { result, told } = await run(`
    save("Page", 1); save("last-page", 1); save("1st", 1); save("constructor", 2);
    writeFileSync(at("page.tmp"), "1"); writeFileSync(at("note.txt"), "1"); put("x".repeat(65), "1");
    for (let i = 0; i < 20; i += 1) save("p" + String.fromCharCode(97 + i), i);
    answer("done");`);

  const [saved = {}] = told;
  expect(Object.keys(saved)).toHaveLength(16);
  expect(saved).toHaveProperty("constructor", 2);
  expect(Object.keys(saved).slice(1, 4)).toEqual(["pa", "pb", "pc"]);
  expect(result.log).toContain("fettle: more than 16 checkpoints");
});

test("an agent that removes the folder has saved nothing more", async () => {
  const source = `rmSync(input.checkpointFolder, { recursive: true }); answer("done");`;
  const { result, told } = await run(source, { checkpoints: new Map([["page", 3]]) });

  expect([result.outcome, told]).toEqual(["succeeded", []]);
});

test("a secret as the name of a checkpoint is not kept", async () => {
  const { result, told } = await run(`save("c0rrecth0rse", 1); await sleep(10); answer("done");`, {
    secrets: { NAME: "c0rrecth0rse" },
  });

  expect(told).toEqual([]);
  expect(result.log).toContain(
    "checkpoint [redacted: secret:NAME] was not kept: it holds a secret",
  );
});
