/** Whoever follows the README gets what it says: its marked blocks run, in order, in one shell. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SOURCES } from "../support/shipped.ts";
import { ended, makeDesk } from "./program.ts";

const readme = readFileSync("README.md", "utf8");
const blocks = [...readme.matchAll(/<!-- run -->\n+```sh\n(.*?)```/gsu)].map(
  ([, text = ""]) => text,
);

test("every shell block of the README is one that is run", () => {
  expect(blocks.length).toBe(readme.match(/^```sh$/gmu)?.length);
  expect(readme.split("\n").length).toBeLessThanOrEqual(200);
});

test("no command leaves a pattern over branches to the shell, which knows files only", () => {
  const words = blocks.flatMap((block) => block.replaceAll(/'[^'\n]*'/gu, "").split(/\s+/u));

  expect(words.filter((word) => /fettle\/\S*\*/u.test(word))).toEqual([]);
});

test("the README's commands do what it says", async () => {
  const desk = makeDesk({ surroundings: SOURCES });
  onTestFinished(desk.remove);
  const tools = join(desk.folder, "tools");
  mkdirSync(tools);
  // What is installed is installed, and the tests are running: `npm start` is the real one.
  writeFileSync(
    join(tools, "npm"),
    '#!/bin/sh\ncase $1 in ci|test) ;; *) exec node --run "$1" ;; esac\n',
  );
  chmodSync(join(tools, "npm"), 0o755);

  const child = spawn(
    "bash",
    ["-O", "expand_aliases", "-euo", "pipefail", "-c", blocks.join("\n")],
    {
      env: { ...desk.environment, PATH: `${tools}:${desk.environment["PATH"]}`, GIT_PAGER: "cat" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const { code, stdout, stderr } = await ended(child);

  expect(stderr).not.toMatch(/error|bug/u);
  expect(code).toBe(0);
  expect(stdout).toContain('approved "Send the reminders"');
  expect(stdout).toMatch(/nw-2026-\d+-\w+\.eml/u);
  expect(stdout).toContain("nothing to do");
  expect(stdout).toContain("# Week 2026-W");
  expect(stdout).toMatch(/^\+# Mail the brief$/mu);
  expect(stdout).toContain('approved "Mail the brief"');
  expect(stdout).toContain("From: My Company <office@my-company.example>");
  expect(stdout).toContain("0 problems");
});
