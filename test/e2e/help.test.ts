import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { exitCodes } from "#runner/core/exit-code.ts";
import { inWordsOf } from "#runner/verbs/program-words.ts";
import { VERSION } from "#runner/version.ts";
import { makeDesk } from "./program.ts";

const desk = makeDesk();
afterAll(desk.remove);

test("the first page of help leads with examples and fits 80 columns", async () => {
  const help = await desk.fettle("--help");

  expect(help).toMatchObject({ code: 0, stderr: "" });
  await expect(help.stdout).toMatchFileSnapshot("help.txt");
  expect(longest(help.stdout)).toBeLessThanOrEqual(80);
});

test("every verb has its place on help --all", async () => {
  const help = await desk.fettle("help", "--all");

  await expect(help.stdout).toMatchFileSnapshot("help-all.txt");
});

test("a hint that names any verb can be pasted where one is", async () => {
  const { stdout } = await desk.fettle("help", "--all");
  const listed = stdout.slice(stdout.indexOf("Verbs:")).matchAll(/^ {2}([a-z-]+)/gmu);
  const verbs = [...listed].map(([, verb]) => verb);
  const words = { command: "bin/fettle.mjs", folder: "my-company" };

  expect(verbs.length).toBeGreaterThan(25);
  expect(verbs.map((verb) => inWordsOf(words, `fettle ${verb}`))).toEqual(
    verbs.map((verb) => `bin/fettle.mjs -C my-company ${verb}`),
  );
});

test("help on a verb leads with examples", async () => {
  const [page, same] = await Promise.all([
    desk.fettle("help", "run"),
    desk.fettle("run", "--help"),
  ]);

  await expect(page.stdout).toMatchFileSnapshot("help-run.txt");
  expect(same.stdout).toBe(page.stdout);
});

test("the exit codes are one table", async () => {
  const { stdout } = await desk.fettle("help", "exit-codes");

  expect(stdout.trimEnd().split("\n")).toEqual(
    Object.values(exitCodes).map(({ code, meaning }) => `${String(code).padStart(4)}  ${meaning}`),
  );
});

test("the version is that of the package", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));

  const { stdout } = await desk.fettle("--version");

  expect(stdout).toBe(`${version}\n`);
  expect(VERSION).toBe(version);
});

test.each([
  [["statsu"], "there is no verb statsu", "did you mean status?"],
  [["bogus"], "there is no verb bogus", "there are init, try, plan, run, reconcile, status"],
  [["validte"], "there is no verb validte", "did you mean validate?"],
  [["plan", "--detaild"], "there is no option --detaild", "did you mean --detailed-exitcode?"],
  [["memory", "forget", "--dry-run"], "there is no option --dry-run", "without --yes nothing"],
  [["runs", "--josn"], "there is no option --josn", "did you mean --json?"],
  [["run"], "missing required argument 'pipeline'", "fettle run --help"],
  [["runs", "--limit", "0"], "whole number above 0", "fettle runs --help"],
  [["help", "plam"], "there is no help on plam", "did you mean plan?"],
  [["memory", "lst"], "there is no verb lst", "did you mean list?"],
  [["memory", "list", "--kind", "fct"], "Allowed choices are", "fettle memory list --help"],
  [["costs", "nope"], "error: 'nope' is invalid for argument 'view'", "fettle costs --help"],
  [["--at", "HEAD", "memory", "list"], "memory list works on the present", "fettle memory list"],
  [["--at", "HEAD", "run", "brief"], "run works on the present", "fettle run"],
])("%j is told what is wrong and what was meant", async (args, wrong, hint) => {
  const { code, stdout, stderr } = await desk.fettle(...args);

  expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
  expect(stderr).toContain(wrong);
  expect(stderr).toContain(hint);
});

test("a verb that is like no other is answered with those that there are, as data too", async () => {
  const { stdout } = await desk.fettle("--json", "bogus");

  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: "usage",
      message: "there is no verb bogus",
      hint: expect.stringContaining("there are init, try"),
    },
  });
});

test("the first page names what does the work, and where the other verbs are", async () => {
  const { stdout } = await desk.fettle("help");

  expect(stdout).toMatch(/^ {2}reconcile +do what is due/mu);
  expect(stdout).toMatch(/help --all .*validate.*timeline.*verify/u);
});

function longest(page: string): number {
  return Math.max(...page.split("\n").map((line) => line.length));
}
