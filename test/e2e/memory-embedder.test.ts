/** An embedder beside the words, as an operator meets it: searched with, measured, refused where it finds less, cleaned up after. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { settings } from "../support/company.ts";
import type { FileTexts } from "../support/git-repo.ts";
import { byLetters, serveVectors } from "../support/vector-server.ts";
import { makeDesk, type Ended } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk();
afterAll(desk.remove);

const VECTORS = ".git/fettle/memory-vectors";

/** What answers shares one word with what is asked; what does not answer shares none. */
const RECORDS = [
  { id: "first", text: "Acme wants an invoice on paper." },
  { id: "second", text: "Tides and moons: the invoice of the harbour master came late this year." },
  ...Array.from({ length: 12 }, (_, at) => ({ id: `z${at}`, text: `Decoy ${at} of wood.` })),
].map((line) => ({
  namespace: "org",
  kind: "fact",
  subject: "x",
  recordedAt: "2026-06-01",
  ...line,
}));
const QUESTION = {
  id: "q",
  half: "open",
  kind: "multi-hop",
  question: "paper invoice for acme",
  evidence: ["first", "second"],
};

function lines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

/** What is asked is near to what is `wanted`, and to nothing else. */
function nearTo(wanted: RegExp): (text: string) => readonly number[] {
  return (text) => (text.startsWith("query: ") || wanted.test(text) ? [1, 0] : [0, 1]);
}

test("an embedder is searched with, measured beside words alone, and refused where it finds less", async () => {
  const company = await makeCompany(desk, "company");
  const server = await serveVectors(byLetters);
  const embedder = (ollama: string): FileTexts =>
    settings({ memory: { embedder: { ollama, url: server.url, queryPrefix: "query: " } } });
  await commit(company, {
    "memory/org/fact/terms.md":
      "---\nkind: fact\nsubject: client/acme\n---\nPrepayments are agreed.\n",
    "own/records.jsonl": lines(RECORDS),
    "own/questions.jsonl": lines([QUESTION]),
    ...embedder("letters"),
  });
  const search = (): Promise<Ended> => company.fettle("memory", "search", "payment", "--explain");
  const evaluate = (): Promise<Ended> => company.fettle("memory", "eval", "--fixture", "own");

  const found = await search();
  server.status = 500;
  const again = await search();
  const down = await company.fettle("memory", "search", "another word");
  const failed = await evaluate();

  expect(found).toMatchObject({ code: 0, stderr: "" });
  expect(found.stdout).toMatch(/Prepayments are agreed\.[^]*for what it means/u);
  expect(again.stdout).toBe(found.stdout);
  expect(down.stderr).toContain("the embedder had no say (it says 500: out of order)");
  expect(failed).toMatchObject({ code: 75 });
  expect(failed.stderr).toContain("the embedder was not measured: it says 500: out of order");

  server.status = 200;
  server.vectorOf = nearTo(/Acme|invoice/u);
  await commit(company, embedder("good"));
  const good = await evaluate();
  server.vectorOf = nearTo(/Decoy/u);
  await commit(company, embedder("bad"));
  const bad = await evaluate();

  expect(good).toMatchObject({ code: 0, stderr: "" });
  expect(good.stdout).toContain("ranker with ollama:good");
  expect(bad.code).toBe(5);
  expect(bad.stdout).toContain("ranker with ollama:bad");
  expect(bad.stderr).toContain(
    "the embedder of fettle.yaml lowers recall: R@10 is 50.0 with it and 100.0 without",
  );

  expect(existsSync(join(company.folder, VECTORS))).toBe(true);
  const args = ["memory", "forget", "--subject", "client/acme", "--reason", "asked", "--yes"];
  expect(await company.fettle(...args)).toMatchObject({ code: 0 });
  expect(existsSync(join(company.folder, VECTORS))).toBe(false);
});
