/** What a killed process has written down of its money. */
import { appendFileSync, cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SpendJournal } from "#runner/repo/spend-journal.ts";
import { makeFolder } from "../support/git-repo.ts";

const SOME = { micros: 70, tokens: 9, requests: 1 };
const NOTHING = { micros: 0, tokens: 0, requests: 0 };

test("The next process knows what was noted last; of what was only granted nothing is taken.", () => {
  const fettleDir = makeFolder();
  const journal = new SpendJournal({ fettleDir });
  journal.open(["a", "b"]);
  journal.note("a", { ...SOME, micros: 90 });
  journal.note("a", SOME);

  expect([...new SpendJournal({ fettleDir }).known]).toEqual([
    ["a", SOME],
    ["b", NOTHING],
  ]);
});

test("A line that was cut off says nothing, and takes nothing along.", () => {
  const fettleDir = makeFolder();
  new SpendJournal({ fettleDir }).open(["a"]);
  appendFileSync(join(fettleDir, "spend.log"), '["a",70');

  const second = new SpendJournal({ fettleDir });
  expect([...second.known]).toEqual([["a", NOTHING]]);

  second.note("a", SOME);
  expect([...new SpendJournal({ fettleDir }).known]).toEqual([["a", SOME]]);
});

test("A copied clone knows nothing: the original may go on to take more.", () => {
  const fettleDir = makeFolder();
  new SpendJournal({ fettleDir }).open(["a"]);
  const copy = makeFolder();
  cpSync(fettleDir, copy, { recursive: true });

  expect(new SpendJournal({ fettleDir: copy }).known.size).toBe(0);
});

test("What is settled is forgotten, and a journal of nothing is removed.", () => {
  const fettleDir = makeFolder();
  const journal = new SpendJournal({ fettleDir });
  journal.open(["a", "b"]);

  journal.keep(new Set(["b"]));
  expect([...journal.known.keys()]).toEqual(["b"]);
  journal.keep(new Set());
  expect(existsSync(join(fettleDir, "spend.log"))).toBe(false);
});
