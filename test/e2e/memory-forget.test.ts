/** A person is forgotten wherever they are recorded: memory, gates, inputs and outputs, here, at the origin and in other clones. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { makeDesk, openGate, type Desk } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;
let other: Desk;
const SAYS = 'printf \'{"outcome":"succeeded","outputs":{"text":"Bo Berg owes 5 EUR"}}\'\n';
const PLAIN = 'printf \'{"outcome":"succeeded","outputs":{"text":"nothing"}}\'\n';
const SHOW = { note: "${{ steps.write.outputs }}" };

beforeAll(async () => {
  const files = {
    ...settings(),
    ...project("shop"),
    ...agent("scribe"),
    "agents/scribe/main.sh": SAYS,
    ...agent("clerk"),
    "agents/clerk/main.sh": PLAIN,
    ...pipeline("shop/note", [
      { id: "write", agent: "scribe" },
      { id: "review", gate: "Keep the note", ask: "always", show: SHOW },
    ]),
    ...pipeline("shop/plain", [{ id: "write", agent: "clerk" }]),
    "memory/org/fact/bo.md": "---\nkind: fact\nsubject: client/bo\n---\nBo Berg pays in cash.\n",
  };
  company = await makeCompany(desk, "company", files);
  await desk.git("init", "--quiet", "--bare", "origin.git");
  await company.git("remote", "add", "origin", "../origin.git");
  await company.git("push", "--quiet", "origin", "HEAD:main");
  await company.fettle("run", "plain");
  await company.fettle("run", "note");
  await company.fettle("reconcile");
  await desk.git("clone", "--quiet", "origin.git", "other");
  other = desk.at(join(desk.folder, "other"));
  await other.fettle("reconcile");
});
afterAll(desk.remove);

const FORGET = ["memory", "forget", "--subject", "Client Bo", "--word", "Bo Berg"] as const;
const PAYLOAD = "refs/heads/fettle/payload";
const YES = ["--reason", "asked to", "--yes"] as const;

/** Whether any branch of a repository has a file that names them. */
async function naming(at: Desk): Promise<string> {
  const refs = await at.git("for-each-ref", "--format=%(refname)", "refs/heads", "refs/fettle");
  const args = ["grep", "-l", "-i", "Bo Berg", ...refs.split("\n"), "--"];
  return at.git(...args).catch(() => "");
}

test("what is open is decided first; then all of it goes, the history still holds, and other clones follow", async () => {
  await company.git("push", "--quiet", "origin", "HEAD:old");
  await company.git("update-ref", "refs/stash", "HEAD");
  const early = await company.fettle(...FORGET, ...YES);
  expect(early.stdout).toMatch(/remotes\/origin\/old: .*bo\.md[^]* stash: .*bo\.md/u);
  await company.git("push", "--quiet", "origin", ":old");
  await company.git("update-ref", "-d", "refs/stash");
  expect(early.stdout).toContain("an open gate: fettle reject ");
  expect(early.stdout).toMatch(/recorded inputs and outputs that gate note-\w+ needs/u);
  expect(await naming(company)).toMatch(/refs\/heads\/fettle\/gate\/note/u);

  const gate = await openGate(company);
  const branch = `fettle/gate/${gate}`;
  const proposal = await company.git("rev-parse", branch);
  expect((await company.fettle("approve", gate)).code).toBe(0);
  await company.fettle("reconcile");
  // A merge button that leaves its branch behind.
  await company.git("push", "--quiet", "origin", `${proposal}:refs/heads/${branch}`);
  await company.git("branch", branch, proposal);
  await commit(company, { "agents/scribe/main.sh": PLAIN });
  await company.git("push", "--quiet", "origin", "main");
  expect(await naming(company)).toContain("main:memory/shop/decisions/");

  const dry = await company.fettle(...FORGET);
  expect(dry.stdout).toContain("Would be erased besides:");
  expect(await naming(company)).toContain("main:memory/shop/decisions/");

  const month = await company.git("for-each-ref", "--format=%(refname)", PAYLOAD);
  const full = await company.git("rev-parse", month);
  const done = await company.fettle(...FORGET, ...YES);
  expect(done.stderr + done.stdout).toContain("Erased besides:");
  await company.fettle("reconcile");
  expect(await naming(company)).toBe("");
  const verified = await company.fettle("verify");
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringMatching(/expired/u)]);
  const explained = await company.fettle("explain", "note/write");
  expect(explained.stdout).toMatch(/dropped on [0-9-]+ \(asked to\)/u);
  expect((await company.fettle("explain", "plain/write")).stdout).toContain("nothing");

  await other.git("pull", "--quiet");
  expect((await other.fettle("reconcile")).code).toBe(0);
  expect(await naming(other)).toBe("");
  expect((await other.fettle("verify")).code).toBe(0);

  // A crash after the state said it, and before the branch was let go.
  const left = await company.git("rev-parse", month);
  const origin = desk.at(join(desk.folder, "origin.git"));
  for (const at of [origin, company]) await at.git("update-ref", month, full);
  await company.fettle("reconcile");
  expect([await origin.git("rev-parse", month), await company.git("rev-parse", month)]).toEqual([
    left,
    left,
  ]);

  const [id = ""] = /mem_\w+/u.exec(early.stdout) ?? [];
  expect((await company.fettle("explain", id)).stderr).toMatch(/was forgotten on .*: asked to/u);

  const again = await company.fettle(...FORGET, ...YES);
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining("0 records forgotten")]);

  // What more of them turns up later goes as well, and takes nothing from what was said to go before.
  await commit(company, {
    "memory/shop/decisions/note-late/item.yaml": "outputs: { text: Bo Berg again }\n",
    "memory/shop/decisions/note-cy/item.yaml": "outputs: { text: Cy Dahl, of Bo Berg's }\n",
    "memory/org/fact/cy.md":
      "---\nid: mem_cccccccccccccccc\nkind: fact\nsubject: client/cy\n---\nCy pays.\n",
  });
  await company.git("push", "--quiet", "origin", "main");
  const byId = ["memory", "forget", "mem_cccccccccccccccc", "--word", "Cy Dahl"];
  for (const forget of [byId, FORGET]) {
    expect(await company.fettle(...forget, ...YES)).toMatchObject({ code: 0 });
  }
  expect(await company.git("ls-files", "memory/shop/decisions/note-*/item.yaml")).toBe("");

  // A crash may have come between main and the rest: the same command goes on from there.
  await commit(company, {
    "memory/shop/decisions/note-di/item.yaml": "outputs: { text: Cy Dahl was left }\n",
  });
  await company.git("push", "--quiet", "origin", "main");
  const further = await company.fettle(...byId, ...YES);
  expect([further.code, further.stdout]).toEqual([0, expect.stringContaining("note-di/item.yaml")]);
  expect(await company.git("ls-files", "memory/shop/decisions/note-*/item.yaml")).toBe("");

  // What could not be pushed has not happened: the same command does it when the origin is back.
  await commit(company, {
    "memory/org/fact/di.md":
      "---\nid: mem_dddddddddddddddd\nkind: fact\nsubject: client/di\n---\nDi pays.\n",
  });
  await company.git("push", "--quiet", "origin", "main");
  await company.git("config", "remote.origin.pushurl", "/nonexistent");
  const di = ["memory", "forget", "mem_dddddddddddddddd", ...YES];
  expect(await company.fettle(...di)).toMatchObject({ code: 75 });
  await company.git("config", "--unset", "remote.origin.pushurl");
  expect(await company.fettle(...di)).toMatchObject({ code: 0 });
  expect(await company.git("rev-parse", "main")).toBe(await origin.git("rev-parse", "main"));

  // What was approved in words that are gone now was approved all the same.
  const purged = await company.fettle("memory", "purge", ...YES);
  expect([purged.code, purged.stderr]).toEqual([0, ""]);
  for (const name of ["-SBo Berg", "-SCy Dahl"]) {
    expect(await company.git("log", "--format=%h", name, "main", "--", "memory")).toBe("");
  }
  expect(await company.fettle("verify")).toMatchObject({ code: 0 });
  await other.git("fetch", "--quiet");
  await other.git("reset", "--quiet", "--hard", "origin/main");
  expect((await other.fettle("reconcile")).code).toBe(0);
  expect(await other.fettle("verify")).toMatchObject({ code: 0 });
});
