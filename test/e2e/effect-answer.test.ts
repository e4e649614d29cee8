/** What is in doubt is shown with the commands that settle it, and these work as they are shown. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { ended, makeDesk, PROGRAM, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
const post = join(desk.folder, "post.txt");
let company: Desk;

/** Writes the letter, then fails without a word of whether it did. */
const POST = `printf 'a letter\\n' >> ${post}\nexit 1\n`;

beforeAll(async () => {
  company = await makeCompany(desk, "company", {
    ...settings(),
    ...project("shop"),
    ...agent("post", { effects: "external", idempotency: "none" }),
    "agents/post/main.sh": POST,
    ...pipeline("shop/letter", [
      {
        id: "send",
        agent: "post",
        once: { key: "letter/Ann's birthday", every: "7d", max: 1 },
        compensate: { none: "a sent letter cannot be recalled" },
      },
    ]),
  });
  await company.fettle("run", "letter");
  await company.fettle("reconcile");
});
afterAll(desk.remove);

async function inShell(command: string): Promise<string> {
  const words = `fettle() { '${process.execPath}' '${PROGRAM}' "$@"; }; ${command}`;
  const { folder: cwd, environment: env } = company;
  return (await ended(spawn("sh", ["-ec", words], { cwd, env, stdio: ["ignore", "pipe", "pipe"] })))
    .stdout;
}

function letters(): number {
  return existsSync(post) ? readFileSync(post, "utf8").split("\n").length - 1 : 0;
}

/** Answers as `fettle answer` shows it. */
async function answer(what: "happened" | "did-not"): Promise<string> {
  const { stdout } = await company.fettle("answer");
  return inShell(stdout.split("\n").find((line) => line.endsWith(` ${what}`)) ?? "");
}

/** The same once more, then the contrary. */
async function sayAgain(): Promise<readonly Awaited<ReturnType<Desk["fettle"]>>[]> {
  const key = "letter/Ann's birthday";
  return [
    await company.fettle("answer", key, "did-not"),
    await company.fettle("answer", key, "happened"),
  ];
}

async function runLetter(): Promise<void> {
  await company.fettle("run", "letter");
  await company.fettle("reconcile");
}

test("status shows the doubt, the answer that is shown settles it, and only then is the effect done again", async () => {
  const shown = await company.fettle("status");
  await runLetter();
  const whileInDoubt = letters();
  const didNot = await answer("did-not");
  const [again, other] = await sayAgain();
  await runLetter();
  const afterDidNot = letters();
  const happened = await answer("happened");
  await runLetter();
  const left = await company.fettle("answer", "--json");
  const explained = await company.fettle("explain", "letter/Ann's birthday");

  expect(shown.stdout).toContain(String.raw`fettle answer 'letter/Ann'\''s birthday' happened`);
  expect([whileInDoubt, afterDidNot, letters()]).toEqual([1, 2, 2]);
  expect(happened).toMatch(
    /not undone: letter\/Ann's birthday, (letter\.\w+) is over \(failed\)\n {2}fettle undo \1 /u,
  );
  expect([again?.code, other?.code]).toEqual([0, 5]);
  for (const told of [again?.stdout, other?.stderr]) {
    expect(told).toContain(
      "is answered already: ada@northwind.example says that it did not happen",
    );
  }
  expect(didNot).not.toContain("undo");
  expect(explained.stdout).toContain("since then it is known that it happened");
  expect(explained.stdout).toContain("since then it is known that it did not happen");
  expect(JSON.parse(left.stdout)).toEqual([]);
  expect((await company.fettle("verify")).code).toBe(0);
});

test("an answer to what is not in doubt is refused, with what is", async () => {
  const { code, stderr } = await company.fettle("answer", "nothing/like-it", "happened");

  expect(code).not.toBe(0);
  expect(stderr).toContain("fettle answer");
});
