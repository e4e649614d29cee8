import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { STATE } from "#runner/core/ref-names.ts";
import { mainCheck, seeOrigin, stateCheck, stepChecks } from "#runner/verbs/origin-check.ts";
import { addOrigin, makeRepository, type TestRepository } from "../support/git-repo.ts";

const { signal } = new AbortController();

async function told({ open }: TestRepository): Promise<readonly string[]> {
  const repository = await open();
  const { shown, checks } = await seeOrigin(repository, signal);
  const state = await stepChecks(repository, shown);
  return [...checks, ...state].map(({ status, what }) => `${status}: ${what}`);
}

test("a clone without an origin is the only copy", async () => {
  expect(await told(makeRepository())).toEqual(["warning: no origin: this clone is the only copy"]);
});

test("an origin that does not answer is a problem, with git's own words", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  rmSync(origin.path, { recursive: true });

  const [only, ...others] = await told(operator);

  expect(only).toMatch(/^problem: the origin .* cannot be reached: fatal: /u);
  expect(others).toEqual([]);
});

test("main and state are compared with those of the origin", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const first = operator.git("rev-parse", "main");
  const answers = expect.stringMatching(/^ok: origin .* answers$/u);

  expect(await told(operator)).toEqual([
    answers,
    "ok: main is as at the origin",
    "ok: fettle/state begins with the first tick",
  ]);

  const second = operator.commit({ "a.txt": "1" });
  operator.git("update-ref", STATE, first);
  expect(await told(operator)).toEqual([
    answers,
    "warning: main has commits that the origin lacks: what counts is the origin's",
    "warning: fettle/state has commits that the origin lacks",
  ]);

  operator.git("push", "--quiet", "origin", "main", `${second}:${STATE}`);
  operator.git("reset", "--quiet", "--hard", first);
  expect(await told(operator)).toEqual([
    answers,
    "warning: the origin's main has commits that are not here",
    "ok: the origin's fettle/state is newer: the next tick follows it",
  ]);

  const other = operator.commit({ "b.txt": "1" });
  operator.git("update-ref", STATE, other);
  expect(await told(operator)).toEqual([
    answers,
    "problem: main here and at the origin have parted",
    "problem: fettle/state here and at the origin have parted",
  ]);

  const unseen = origin.git("commit-tree", "-m", "unseen", "-p", first, `${first}^{tree}`);
  origin.git("update-ref", "refs/heads/main", unseen);
  expect((await told(operator))[1]).toBe("problem: main here and at the origin have parted");
});

test.each(["ahead", "behind", "parted", "unknown", "only-here", "absent"] as const)(
  "a branch that is %s is told with what to do, or is fine",
  (standing) => {
    for (const { status, fix } of [mainCheck(standing), stateCheck(standing)]) {
      expect(fix === "").toBe(status === "ok");
    }
  },
);
