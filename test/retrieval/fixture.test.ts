import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Question {
  readonly id: string;
  readonly half: string;
  readonly kind: string;
  readonly evidence: readonly string[];
}

const records = lines("records.jsonl").map((line): { readonly id: string } => JSON.parse(line));
const questions = lines("questions.jsonl").map((line): Question => JSON.parse(line));

test("the studio's year is what its generator writes", () => {
  const args = ["test/retrieval/fixture/generate.ts", "--check"];

  expect(() => execFileSync(process.execPath, args, { stdio: "pipe" })).not.toThrow();
});

test("every question names records that there are, and only unanswerable ones name none", () => {
  const ids = new Set(records.map(({ id }) => id));

  expect(ids.size).toBe(records.length);
  expect(questions.flatMap(({ evidence }) => evidence).filter((id) => !ids.has(id))).toEqual([]);
  expect(
    questions.filter(({ kind, evidence }) => (kind === "unanswerable") !== (evidence.length === 0)),
  ).toEqual([]);
});

test("there are a thousand records, and of every kind of question enough in either half", () => {
  const counts = Map.groupBy(questions, ({ half, kind }) => `${half} ${kind}`);

  expect(records.length).toBeGreaterThanOrEqual(1000);
  expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
  expect(counts.size).toBe(10);
  expect(Math.min(...[...counts.values()].map((all) => all.length))).toBeGreaterThanOrEqual(10);
});

function lines(name: string): readonly string[] {
  return readFileSync(`test/retrieval/fixture/${name}`, "utf8").trim().split("\n");
}
