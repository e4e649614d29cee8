/** `fettle memory …`: what an operator sees and changes of what the company remembers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeDesk, type Desk, type Ended } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
});
afterAll(desk.remove);

interface Listed {
  readonly id: string;
  readonly path: string;
  readonly text: string;
  readonly standing: { readonly kind: string };
}

async function listed(...more: readonly string[]): Promise<readonly Listed[]> {
  const { stdout } = await company.fettle("memory", "list", "--json", ...more);
  const { records }: { readonly records: readonly Listed[] } = JSON.parse(stdout);
  return records;
}

function idIn({ stdout, stderr }: Ended): string {
  const [id] = /mem_[0-9a-z]{16}/u.exec(stdout) ?? [];
  if (id === undefined) throw new Error(stderr);
  return id;
}

const ABOUT = ["--subject", "client/acme", "--attribute", "terms"] as const;

test("what the operator remembers is a commit of theirs; it is replaced, retracted and pinned by further ones", async () => {
  const before = await company.git("rev-parse", "main");
  const first = await company.fettle("memory", "add", ...ABOUT, "Acme pays net 14.");
  const id = idIn(first);
  const newer = idIn(await company.fettle("memory", "supersede", id, "Acme pays net 30."));
  const again = await company.fettle("memory", "supersede", id, "Acme pays net 30.");
  const other = await company.fettle("memory", "supersede", id, "Acme pays net 60.");
  const pinned = await company.fettle("memory", "pin", newer.slice(4, 10));

  const already = `${id} is superseded by ${newer} already`;
  expect([again.code, again.stdout]).toEqual([0, `${already}\n`]);
  expect([other.code, other.stderr]).toEqual([5, expect.stringContaining(already)]);
  expect([first.code, pinned.code]).toEqual([0, 0]);
  expect((await listed()).map(({ text }) => text)).toEqual(["Acme pays net 30."]);
  expect(await listed("--as-of", before)).toEqual([]);
  expect((await listed("--as-of", "main~2")).map(({ text }) => text)).toEqual([
    "Acme pays net 14.",
  ]);
  expect(await company.git("log", "-3", "--format=%an %s", "main")).toBe(
    [
      `Ada Pin ${newer} about client/acme`,
      "Ada Remember a fact about client/acme",
      "Ada Remember a fact about client/acme",
    ].join("\n"),
  );
  expect(await company.git("status", "--porcelain")).toBe("");
  const [record] = await listed();
  expect(readFileSync(join(company.folder, record?.path ?? ""), "utf8")).toContain("pinned: true");

  const retracted = await company.fettle("memory", "retract", newer, "--reason", "a typo");
  const twice = await company.fettle("memory", "retract", newer, "--reason", "a typo");
  const otherwise = await company.fettle("memory", "retract", newer, "--reason", "a lie");
  const shown = await company.fettle("memory", "show", newer);

  expect([twice.code, otherwise.code]).toEqual([0, 5]);
  expect(retracted.code).toBe(0);
  expect(shown.stdout).toContain(`retracted by ${idIn(retracted)}`);
  expect((await company.fettle("explain", newer)).stdout).toBe(shown.stdout);
  expect((await listed()).map(({ text }) => text)).toEqual(["Acme pays net 14."]);
  expect(
    (await listed("--all", "--subject", "Client Acme")).map(({ standing }) => standing.kind),
  ).toEqual(expect.arrayContaining(["active", "retracted", "retraction"]));
  expect((await company.fettle("memory", "lint")).code).toBe(0);
  expect((await company.fettle("validate")).code).toBe(0);
});

test.each([
  [["add", "--subject", "Client Acme", "Pays."], "a subject is a path: --subject client/acme"],
  [
    ["add", "--subject", "client/acme", "--valid-from", "tomorrow", "Pays."],
    '--valid-from is a day such as 2026-12-01, not "tomorrow"',
  ],
  [["list", "--subject", "zebra"], "no record is about zebra"],
  [["search", "pay", "--subject", "zebra"], "no record is about zebra"],
  [["forget", "--subject", "client/zebra"], "no record is about client/zebra"],
])("memory %j is told what was mistyped", async (words, wrong) => {
  const { code, stderr } = await company.fettle("memory", ...words);

  expect([code, stderr]).toEqual([64, expect.stringContaining(wrong)]);
});

test("what contradicts, and what holds a secret, is refused, and nothing is written", async () => {
  const about = ["memory", "add", "--subject", "client/ada", "--attribute", "tone"];
  const id = idIn(await company.fettle(...about, "Formal letters, please."));
  const before = await company.git("rev-parse", "main");
  const key = `sk-ant-api03-${"a1B2c3D4e5".repeat(9)}AA`;

  const [rival, secret] = await Promise.all([
    company.fettle(...about, "Short mails."),
    company.fettle("memory", "add", "--subject", "keys", key),
  ]);

  expect([rival?.code, secret?.code]).toEqual([5, 5]);
  expect(rival?.stderr).toContain(`fettle memory supersede ${id}`);
  expect(secret?.stderr).not.toContain(key);
  expect(await company.git("rev-parse", "main")).toBe(before);
});

function termsOfBo(text: string): string {
  return `---\nkind: fact\nsubject: client/bo\nattribute: terms\n---\n${text}\n`;
}

test("two answers that a person writes to one question are told by lint and validate, and nothing stalls", async () => {
  await commit(company, {
    "memory/shop/fact/one.md": termsOfBo("Net 14."),
    "memory/shop/fact/two.md": termsOfBo("Net 30."),
  });

  const lint = await company.fettle("memory", "lint");
  const validate = await company.fettle("validate");
  const stats = await company.fettle("memory", "stats");

  expect(lint.code).toBe(65);
  expect(lint.stdout).toContain("client/bo has 2 answers to terms");
  expect(validate.code).toBe(0);
  expect(validate.stdout).toContain("client/bo has another answer to terms");
  expect(stats.stdout).toMatch(/^shop +fact +2 +2 /mu);
});
