import { existsSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeDesk, type Desk } from "./program.ts";
import { agent, project, settings } from "../support/company.ts";
import { fakeProgram } from "../support/fake-program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk();
let company: Desk;
let linked: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
  await company.git("worktree", "add", "--quiet", "-b", "draft", "../draft");
  linked = desk.at(`${desk.folder}/draft`);
});
afterAll(desk.remove);

test("main counts as checked out in whichever work tree it is", async () => {
  const [here, there] = await Promise.all([company.fettle("doctor"), linked.fettle("doctor")]);

  for (const { stdout } of [here, there])
    expect(stdout).toContain(`main is checked out: deliveries show up in ${company.folder}\n`);
});

test("a lock that git has left on an index is named, in a linked work tree too, and is not removed, not by --repair either", async () => {
  const lock = `${await linked.git("rev-parse", "--git-dir")}/index.lock`;
  writeFileSync(lock, "");

  for (const args of [["doctor"], ["doctor", "--repair"]]) {
    const { stdout } = await company.fettle(...args);
    expect(stdout).toContain(`${lock} stands in the way of deliveries`);
    expect(stdout).toContain(`if no git runs: rm ${lock}`);
  }

  expect(existsSync(lock)).toBe(true);
  rmSync(lock);
});

test("main that is checked out nowhere is told", async () => {
  await company.git("switch", "--quiet", "-c", "other");

  const { stdout } = await linked.fettle("doctor");

  expect(stdout).toContain("main is not checked out: deliveries move the branch only");
});

test("a branch that leaves no room for those of fettle is named with the way out, here and at the origin", async () => {
  const other = await makeCompany(desk, "blocked");
  await other.git("branch", "fettle");
  await other.git("pack-refs", "--all");
  await other.git("clone", "--quiet", "--bare", ".", "../blocked.git");
  await other.git("remote", "add", "origin", `${desk.folder}/blocked.git`);

  const { code, stdout } = await other.fettle("doctor");

  expect(code).toBe(1);
  expect(stdout).toContain("a branch fettle stands where fettle keeps its branches");
  expect(stdout).toContain("git branch -m fettle fettle-old");
  expect(stdout).toContain("at the origin a branch fettle stands");
});

test("a model without a key here and one whose price nobody knows are told, with what to do", async () => {
  const shop = await makeCompany(desk, "asking", {
    ...settings({
      models: {
        big: { provider: "anthropic", model: "claude-sonnet-4-5", key: "BIG" },
        odd: { provider: "openai", model: "unheard-of" },
        own: { provider: "openai", model: "unheard-of", price: "zero" },
      },
      secrets: { BIG: { env: "BIG_KEY" } },
    }),
    ...project("shop"),
  });

  const without = await shop.fettle("doctor");
  const withKey = await shop.run(["doctor"], { environment: { BIG_KEY: "sesame-sesame" } });

  expect(without.stdout).toContain("model big has no key here: the environment variable BIG_KEY");
  expect(without.stdout).toContain("model odd is never asked: the price of unheard-of (openai)");
  expect(without.stdout).toContain("ok  model own\n");
  expect(withKey.stdout).toContain("ok  model big\n");
  expect(withKey.stdout).not.toContain("sesame");
});

test("coding agents that nobody names, and containers, are told with --verbose only", async () => {
  const [plain, verbose] = await Promise.all([
    company.fettle("doctor"),
    company.fettle("doctor", "--verbose"),
  ]);

  expect(plain.stdout).not.toMatch(/claude|container/u);
  for (const name of ["claude", "codex", "gemini", "opencode"])
    expect(verbose.stdout).toMatch(new RegExp(`ok {2}${name} `, "u"));
  expect(verbose.stdout).toMatch(/container/u);
});

test("a coding agent that an agent names is told with its version, or with the way to get it", async () => {
  const other = await makeCompany(desk, "coders", {
    ...settings({ models: { coder: { provider: "anthropic", model: "claude-haiku-4-5" } } }),
    ...project("shop"),
    ...agent("keeper", {
      runtime: { codingAgent: "claude", model: "coder", prompt: "prompt.md" },
      limits: { usd: 1, wall: "1m" },
    }),
    "agents/keeper/prompt.md": "Look.",
    "projects/shop/pipelines/look.yaml":
      "apiVersion: fettle/v1\nsteps:\n  - { id: look, agent: keeper }\n",
  });
  const fake = fakeProgram("claude", `console.log("9.8.7 (Claude Code)");`);
  const path = desk.environment["PATH"] ?? "";

  const missing = await other.run(["doctor"]);
  const there = await other.run(["doctor"], { environment: { PATH: `${fake.folder}:${path}` } });

  expect(missing.stdout).toContain("claude is not installed: agents that name it fall back");
  expect(missing.stdout).toContain("npm install --global @anthropic-ai/claude-code@");
  expect(there.stdout).toContain("claude 9.8.7 (tested with ");
});
