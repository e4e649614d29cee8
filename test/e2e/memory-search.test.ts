/** `fettle memory search` and `index`, as an operator meets them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeDesk, type Desk, type Ended } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
  await commit(company, {
    "memory/org/fact/terms.md": fact(
      "client/acme",
      "Acme pays within fourteen days.",
      "2026-06-01",
    ),
    "memory/org/fact/tone.md": fact("client/acme", "Acme is written to formally.", "2026-09-01"),
    "memory/shop/fact/mail.md": fact("client/rook", "Rook pays on receipt.", "2026-09-02"),
  });
});
afterAll(desk.remove);

function fact(subject: string, text: string, day: string): string {
  return `---\nkind: fact\nsubject: ${subject}\nrecordedAt: ${day}T08:00:00.000Z\n---\n${text}\n`;
}

async function search(...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await company.fettle("--json", "memory", "search", ...args);
  const answer: { readonly found: readonly { readonly memory: { readonly text: string } }[] } =
    JSON.parse(stdout);
  return answer.found.map(({ memory }) => memory.text);
}

test("memory is found by words in other forms, best first, and filtered", async () => {
  expect(await search("Is ACME paying?", "--namespace", "org")).toEqual([
    "Acme pays within fourteen days.",
    "Acme is written to formally.",
  ]);
  expect(await search("pay", "--namespace", "shop")).toEqual(["Rook pays on receipt."]);
  expect(await search("pay", "--subject", "client", "--until", "2026-06-01")).toEqual([
    "Acme pays within fourteen days.",
  ]);
  expect(await search("acme", "--since", "2026-06-02", "-k", "1")).toEqual([
    "Acme is written to formally.",
  ]);
});

test("a score is explained, and a moment that is none is refused", async () => {
  const { stdout, stderr } = await company.fettle("memory", "search", "acme pays", "--explain");
  const refusal = await company.fettle("memory", "search", "acme", "--since", "last week");

  expect(stderr).toBe("");
  expect(stdout).toMatch(/^mem_[0-9a-z]{16} {2}org {2}fact {2}client\/acme {2}2026-06-01$/mu);
  expect(stdout).toMatch(/words \d+\.\d\d \+ beside it 0\.00 \+ its run/u);
  expect(refusal).toMatchObject({ code: 64, stdout: "" });
  expect(refusal.stderr).toContain("last week is no moment");
});

test("the past is searched as it was", async () => {
  await commit(company, {
    "memory/org/fact/terms.md": fact("client/acme", "Acme pays in advance.", "2026-06-01"),
  });

  expect(await search("acme pays")).toContain("Acme pays in advance.");
  expect(await search("acme pays", "--as-of", "HEAD~1")).toContain(
    "Acme pays within fourteen days.",
  );
});

test("an index is made, brought up to date, checked and taken away, without a word on standard error", async () => {
  const index = async (what: string): Promise<readonly [number | null, string, string]> => {
    const { code, stdout, stderr } = await company.fettle("memory", "index", what);
    return [code, stdout, stderr];
  };

  expect(await index("build")).toEqual([0, "The index was made from 3 files.\n", ""]);
  expect(await index("update")).toEqual([0, "The index is up to date.\n", ""]);
  await commit(company, { "memory/org/fact/new.md": fact("client/new", "New.", "2026-10-01") });
  expect((await index("verify"))[0]).toBe(1);
  expect(await index("update")).toEqual([0, "The index was brought up to date with 1 file.\n", ""]);
  expect(await index("verify")).toEqual([0, "The index holds what memory holds.\n", ""]);
  expect((await index("stats"))[1]).toContain("Memory has 4 files, the index 4 files.");
  expect((await index("clean"))[0]).toBe(0);
  expect((await index("stats"))[1]).toContain("the index none of them");
});

test("what is forgotten is in no index any more", async () => {
  await company.fettle("memory", "index", "build");
  expect(existsSync(join(company.folder, ".git/fettle/memory-index"))).toBe(true);

  const args = ["memory", "forget", "--subject", "client/rook", "--reason", "asked", "--yes"];
  const forgotten = await company.fettle(...args);

  expect(forgotten).toMatchObject({ code: 0 });
  expect(existsSync(join(company.folder, ".git/fettle/memory-index"))).toBe(false);
});

test("memory is measured on questions of one's own, with a retriever of one's own beside fettle's", async () => {
  const place = {
    namespace: "org",
    kind: "fact",
    subject: "client/acme",
    recordedAt: "2026-06-01",
  };
  const records = [
    { id: "a", ...place, text: "Acme pays late." },
    { id: "b", ...place, text: "The printer is grey." },
  ];
  const asked = {
    id: "q",
    half: "open",
    kind: "single-hop",
    question: "does acme pay",
    evidence: ["a"],
  };
  const files = {
    "own/records.jsonl": records.map((line) => `${JSON.stringify(line)}\n`).join(""),
    "own/questions.jsonl": `${JSON.stringify(asked)}\n`,
    "own/mine.mjs": "export const retrieve = (records) => records.map(({ id }) => id).reverse();\n",
    "own/none.mjs": "export const found = 1;\n",
  };
  await commit(company, files);
  const evaluate = (...more: readonly string[]): Promise<Ended> =>
    company.fettle("--json", "memory", "eval", "--fixture", "own", ...more);

  const { stdout, stderr } = await evaluate("--retriever", "own/mine.mjs");

  const { rows }: { readonly rows: readonly { retriever: string; all: { ndcg10: number } }[] } =
    JSON.parse(stdout);
  expect(stderr).toBe("");
  expect(rows.map(({ retriever, all }) => [retriever, all.ndcg10])).toEqual([
    ["ranker (in-process)", 1],
    ["ranker (LanceDB)", 1],
    ["LanceDB full-text", 1],
    ["minisearch", 1],
    ["mine.mjs", 1 / Math.log2(3)],
  ]);
  expect(await evaluate("--retriever", "own/none.mjs")).toMatchObject({ code: 64 });
  expect(await company.fettle("memory", "eval", "--locomo", "absent.json")).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("there is no absent.json"),
  });
});
