/** `fettle undo` as it is typed: first what it would do, then that. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { makeDesk, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
const book = join(desk.folder, "book.txt");
let company: Desk;

const REFUND = { agent: "refunder", with: { payment: "${{ receipt.id }}" } };

function writes(line: string, rest = ""): string {
  return `printf '${line}\\n' >> ${book}\nprintf '{"outcome":"succeeded","outputs":{}${rest}}'\n`;
}

beforeAll(async () => {
  const external = { effects: "external", idempotency: "native" };
  company = await makeCompany(desk, "company", {
    ...settings(),
    ...project("shop"),
    ...agent("payer", external),
    "agents/payer/main.sh": writes("paid", ',"receipt":{"id":"p-1"}'),
    ...agent("refunder", external),
    "agents/refunder/main.sh": writes("refunded"),
    ...agent("sender", external),
    "agents/sender/main.sh": writes("told"),
    ...agent("scribe", { writes: ["${{ project.dir }}/*.md"] }),
    "agents/scribe/main.sh":
      'mkdir -p projects/shop; echo new > projects/shop/new.md; echo after > projects/shop/log.md\nprintf \'{"outcome":"succeeded","outputs":{}}\'\n',
    "projects/shop/log.md": "before\n",
    ...pipeline("shop/pay", [
      {
        id: "pay",
        agent: "payer",
        with: { to: "Ann" },
        once: { key: "rent/${{ run.id }}" },
        compensate: REFUND,
      },
      {
        id: "tell",
        agent: "sender",
        needs: ["pay"],
        with: { to: "ann@northwind.example" },
        once: { key: "told/${{ run.id }}" },
        compensate: { none: "a sent mail cannot be recalled" },
      },
      { id: "log", agent: "scribe", needs: ["tell"] },
    ]),
    ...pipeline("shop/both", [
      { id: "own", agent: "payer", once: { key: "own/${{ run.id }}" }, compensate: REFUND },
      { id: "rent", pipeline: "pay", needs: ["own"] },
    ]),
  });
  await company.fettle("run", "pay");
  await company.fettle("reconcile");
});
afterAll(desk.remove);

function text(path: string): string {
  return readFileSync(path, "utf8");
}

function inFolder(name: string): string {
  return join(company.folder, "projects/shop", name);
}

test("undo says what it would do and does it only with --yes; a second time nothing is left", async () => {
  const booked = text(book);

  const shown = await company.fettle("undo", "pay");
  const untouched = [text(book), text(inFolder("log.md"))];
  const done = await company.fettle("undo", "pay", "--yes", "--reason", "the wrong month");
  await company.fettle("reconcile");
  const again = await company.fettle("undo", "pay", "--yes");

  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/undo +rent\/pay\.\w+ \(to Ann\), by refunder/);
  expect(shown.stdout).toMatch(/cannot +told\/pay\.\w+ \(to ann@northwind\.example\): a sent mail/);
  expect(shown.stdout).toMatch(/revert +projects\/shop\/log\.md/);
  expect(shown.stdout).toMatch(/remove +projects\/shop\/new\.md/);
  expect(shown.stdout).toContain("--yes   does it");
  expect(untouched).toEqual([booked, "after\n"]);
  expect(done.code).toBe(0);
  expect(text(book)).toBe(`${booked}refunded\n`);
  expect(text(inFolder("log.md"))).toBe("before\n");
  expect(existsSync(inFolder("new.md"))).toBe(false);
  expect(await company.git("status", "--porcelain")).toBe("");
  expect(again.stdout).toContain("is left to undo");
  expect(text(book)).toBe(`${booked}refunded\n`);
  expect((await company.fettle("verify")).code).toBe(0);
  // The files were taken back in the operator's name: nobody strange has changed them.
  expect((await company.fettle("status")).stdout).not.toContain("who is no operator");
});

test("only an operator may undo; anybody may look at what it would do", async () => {
  await company.fettle("run", "pay");
  await company.fettle("reconcile");
  const booked = text(book);
  await company.git("config", "user.email", "eve@elsewhere.example");

  const shown = await company.fettle("undo", "pay");
  const refused = await company.fettle("undo", "pay", "--yes");
  await company.git("config", "--unset", "user.email");
  await company.fettle("reconcile");

  expect(shown.code).toBe(0);
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("you are eve@elsewhere.example, and the operators are ada@");
  expect([text(book), text(inFolder("log.md"))]).toEqual([booked, "after\n"]);

  expect(await company.fettle("undo", "pay", "--yes")).toMatchObject({ code: 0 });
  await company.fettle("reconcile");
  expect([text(book), text(inFolder("log.md"))]).toEqual([`${booked}refunded\n`, "before\n"]);
});

test("a change of the operator's in the way refuses it before anything is done", async () => {
  await company.fettle("run", "pay");
  await company.fettle("reconcile");
  writeFileSync(inFolder("log.md"), "mine\n");
  const booked = text(book);

  const refused = await company.fettle("undo", "pay", "--yes");
  await company.fettle("reconcile");

  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("log.md are in the way");
  expect([text(book), text(inFolder("log.md"))]).toEqual([booked, "mine\n"]);
  await company.git("checkout", "--", ".");
});

test("what was changed on main since stays, and an open run is told what to do", async () => {
  writeFileSync(inFolder("log.md"), "mine\n");
  await company.git("commit", "--quiet", "--all", "--message", "Mine");

  const shown = await company.fettle("undo", "pay", "--json");
  const unknown = await company.fettle("undo", "nothing");

  expect(JSON.parse(shown.stdout)).toMatchObject({
    changed: ["projects/shop/log.md"],
    revert: [{ path: "projects/shop/new.md", was: null }],
  });
  expect(unknown.code).toBe(64);
});

test("of a run that handed work to others all is named that can be undone, and how", async () => {
  await company.fettle("run", "both");
  await company.fettle("reconcile");

  const shown = await company.fettle("undo", "both");
  await company.fettle("undo", "both", "--yes");
  await company.fettle("reconcile");
  const after = await company.fettle("undo", "both");
  const [, command = ""] = /fettle (undo pay\.\w+ --yes) {3}does it/.exec(after.stdout) ?? [];
  await company.fettle(...command.split(" "));
  await company.fettle("reconcile");
  const atLast = await company.fettle("undo", "both");

  expect(shown.stdout).toMatch(
    /^UNDO both\.\w+\n {2}undo +own\/both\.\w+, by refunder\n {2}fettle undo both/,
  );
  expect(shown.stdout).toMatch(
    /other runs is undone run by run:\n {2}pay\.\w+\n {4}cannot +told\/pay/,
  );
  expect(shown.stdout).toMatch(/ {4}undo +rent\/pay/);
  expect(shown.stdout).toMatch(/ {4}revert +projects\/shop\/log\.md/);
  expect(after.stdout).toMatch(/^nothing of both\.\w+ itself is left to undo/);
  expect(after.stdout).toMatch(/ {4}undo +rent\/pay/);
  expect(atLast.stdout).toMatch(/ {4}undone +rent\/pay/);
  expect(atLast.stdout).not.toContain("does it");
});
