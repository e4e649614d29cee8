/** `fettle cancel` as it is typed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { makeDesk, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
});
afterAll(desk.remove);

async function begin(name: string): Promise<string> {
  await company.fettle("run", name);
  await company.fettle("reconcile");
  const { stdout } = await company.fettle("runs", "--json");
  return JSON.parse(stdout)[0].record.id;
}

test("a run that waits is cancelled by the name of its pipeline; asking again changes nothing", async () => {
  const run = await begin("note");

  const first = await company.fettle("cancel", "note", "--reason", "wrong note");
  const again = await company.fettle("cancel", run, "--json");
  await company.fettle("reconcile");
  const after = await company.fettle("cancel", run);
  const timeline = await company.fettle("timeline", run);

  expect([first.code, again.code, after.code]).toEqual([0, 0, 0]);
  expect(first.stdout).toBe(`${run} will be cancelled\n  fettle reconcile   does it now\n`);
  expect(JSON.parse(again.stdout)).toMatchObject({ kind: "cancel", run, reason: "wrong note" });
  expect(after.stdout).toBe(`${run} was cancelled already\n`);
  expect(timeline.stdout).toContain("cancelled");
  expect((await company.fettle("explain", run)).stdout).toContain("wrong note");
  expect((await company.fettle("status", "--json")).stdout).toContain('"gates":[]');
  expect((await company.fettle("verify")).code).toBe(0);
});

test("what cannot be cancelled is refused with what to do instead", async () => {
  const closed = await begin("crash");
  await begin("note");
  await company.fettle("cancel", "note");
  await company.fettle("reconcile");

  const unknown = await company.fettle("cancel", "nothing");
  const over = await company.fettle("cancel", closed, "--json");
  const ambiguous = await company.fettle("cancel", "note.");

  expect([unknown.code, over.code, ambiguous.code]).toEqual([64, 5, 64]);
  expect(unknown.stderr).toBe("error: there is no run nothing\n  fettle runs   lists them\n");
  expect(JSON.parse(over.stdout).error).toEqual({
    code: "refused",
    message: `${closed} has ended: failed`,
    hint: `fettle timeline ${closed}   shows what it did`,
  });
  expect(ambiguous.stderr).toContain("note. means several runs");
});

test("where a person is asked before anything is undone, that is said at once and again", async () => {
  const risky = await makeCompany(desk, "risky", {
    ...settings({ policy: { rules: [{ when: "action.effects == 'external'", add: 40 }] } }),
    ...project("shop"),
    ...agent("payer", { effects: "external", idempotency: "native" }),
    "agents/payer/main.sh": 'printf \'{"outcome":"succeeded","outputs":{}}\'\n',
    ...pipeline("shop/pay", [
      { id: "pay", agent: "payer", once: { key: "rent" }, compensate: { agent: "payer" } },
      { id: "pause", needs: ["pay"], wait: { for: "1h" } },
    ]),
  });
  await risky.fettle("run", "pay");
  await risky.fettle("reconcile");

  const first = await risky.fettle("cancel", "pay");
  const status = await risky.fettle("status");
  const [id = ""] = /pay\.\w+/u.exec(first.stdout) ?? [];
  const explained = await risky.fettle("explain", id);
  const again = await risky.fettle("cancel", "pay");
  const kept = await risky.fettle("cancel", "pay", "--keep");

  expect(first.stdout).toMatch(
    /^(pay\.\w+) will be cancelled\n {2}held: undo\/payer\/rent: risk \d+, so a person is asked before payer does it\n {4}fettle undo \1 --yes; fettle cancel \1 --keep /u,
  );
  expect(status.stdout).toMatch(
    /NEEDS YOUR WORD \(1\)\n[\s\S]*undo\/payer\/rent[\s\S]*\nPROJECT /u,
  );
  expect(explained.stdout).toContain("waits for your word: undo/payer/rent");
  expect(again.stdout).toMatch(/ is to be cancelled already: .*\n {2}held: undo\/payer\/rent/u);
  expect(kept.stdout).toMatch(/ will be cancelled\n {2}fettle reconcile {3}does it now\n$/u);
});
