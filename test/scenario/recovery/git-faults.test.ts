/** One test for each way in which git, a disk or an operator can put a repository in the way of a tick. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { STATE } from "#runner/core/ref-names.ts";
import { failureOf } from "#runner/verbs/failure.ts";
import { agent, noteCompany, pipeline, project, settings } from "../../support/company.ts";
import {
  addOrigin,
  cloneOf,
  ENVIRONMENT,
  makeRepository,
  type TestRepository,
} from "../../support/git-repo.ts";
import { reasons } from "../../support/mail-shop.ts";
import { made, Rehearsal, type Play } from "../../support/rehearsal.ts";

const NOTE = "projects/shop/note.md";
const scribe: Play = () => made(NOTE, "delivered\n");

/** The note was asked for, and the next tick delivers it. */
async function asked(operator = makeRepository(), plays = { scribe }): Promise<Rehearsal> {
  operator.commit(noteCompany(), "Start the company");
  if (operator.git("remote") !== "") operator.git("push", "--quiet", "origin", "main");
  const shop = new Rehearsal({ files: {}, operator, plays });
  await shop.tick();
  await shop.request("shop/note");
  return shop;
}

function plant({ path }: TestRepository, name: string): string {
  const full = join(existsSync(join(path, ".git")) ? join(path, ".git") : path, name);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, "");
  return full;
}

test("A stale index.lock of the operator holds the delivery alone: state is written, the lock stays, and once it is gone all goes on.", async () => {
  const shop = await asked();
  const lock = plant(shop.operator, "index.lock");

  const held = await shop.tick();

  expect(reasons(held)).toEqual(["worktree-conflict"]);
  expect(shop.closedRuns()).toHaveLength(1);
  expect(existsSync(lock)).toBe(true);
  rmSync(lock);
  await shop.tick();
  expect(shop.text(NOTE)).toBe("delivered");
});

test("A stale lock of a ref at the origin is waited for, then named; what is durable here is published once it is gone.", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const shop = await asked(operator);
  const lock = plant(origin, `${STATE}.lock`);
  const before = origin.git("rev-parse", STATE);

  const { end } = await shop.tick();

  expect(end).toMatchObject({
    kind: "unpublished",
    detail: expect.stringContaining(`${STATE}.lock`),
  });
  expect(origin.git("rev-parse", STATE)).toBe(before);
  rmSync(lock);
  expect((await shop.tick()).end).toEqual({ kind: "settled" });
  expect(origin.git("show", `main:${NOTE}`)).toBe("delivered");
});

test("With a detached HEAD main is delivered to, and neither HEAD nor the files move.", async () => {
  const shop = await asked();
  shop.operator.git("checkout", "--quiet", "--detach");
  const head = shop.operator.git("rev-parse", "HEAD");

  await shop.tick();

  expect(shop.text(NOTE)).toBe("delivered");
  expect(shop.operator.git("rev-parse", "HEAD")).toBe(head);
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});

test("In a shallow clone verify says that it is incomplete, and never that all is well.", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const shop = await asked(operator);
  await shop.tick();
  const clone = cloneOf(origin, "--depth", "1", "--no-single-branch");
  clone.git("branch", "--quiet", "fettle/state", "origin/fettle/state");

  const { findings } = await new Rehearsal({ files: {}, operator: clone }).verify();

  expect(findings.map(({ rule }) => rule)).toContain("not-here");
});

test("A branch of the operator that stands where fettle keeps its own is named, with the way out.", async () => {
  const operator = makeRepository();
  operator.commit(noteCompany(), "Start the company");
  operator.git("branch", "fettle");
  const shop = new Rehearsal({ files: {}, operator, plays: { scribe } });

  const error: unknown = await shop.tick().catch((reason: unknown) => reason);

  const { exit, problem } = failureOf(error);
  expect(exit).toBe("temporary");
  expect(problem).toContain("refs/heads/fettle: it stands where fettle keeps its branches");
  operator.git("branch", "--move", "fettle", "mine");
  expect((await shop.tick()).end).toEqual({ kind: "settled" });
});

test("A branch at the origin that stands in the way is named by the origin's own words.", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  origin.git("branch", "fettle", "main");
  operator.commit(noteCompany(), "Start the company");
  operator.git("push", "--quiet", "origin", "main");

  const { end } = await new Rehearsal({ files: {}, operator, plays: { scribe } }).tick();

  expect(end).toMatchObject({
    kind: "unpublished",
    detail: expect.stringContaining("'refs/heads/fettle' exists; cannot create"),
  });
});

test("File names that are options, lines or no text at all stand on main unharmed, and a delivery beside them works.", async () => {
  const shop = await asked();
  const folder = Buffer.from(join(shop.operator.path, "projects/shop/"));
  const names = [Buffer.from("-rf"), Buffer.from("two\nlines"), Buffer.from([0x66, 0xff, 0xfe])];
  for (const name of names) writeFileSync(Buffer.concat([folder, name]), "mine\n");
  shop.operator.git("add", "--all");
  shop.operator.git("commit", "--quiet", "--message", "Odd names");
  const odd = shop.operator.git("ls-tree", "-r", "main", "projects/shop");

  await shop.tick();

  expect(shop.text(NOTE)).toBe("delivered");
  const after = shop.operator.git("ls-tree", "-r", "main", "projects/shop").split("\n");
  expect(after.filter((line) => !line.endsWith("note.md"))).toEqual(odd.split("\n"));
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});

const PROGRAM = 'printf \'{"outcome":"succeeded","outputs":{}}\'\n';

test.each([
  ["a line break", "touch \"$(printf 'projects/shop/two\\nlines')\"\n"],
  ["bytes that are no text", "touch \"$(printf 'projects/shop/f\\377\\376')\"\n"],
  ["120 MB", "truncate -s 120000000 projects/shop/big.bin\n"],
])(
  "A file with %s that an agent leaves is refused, and nothing of it is kept.",
  async (_, program) => {
    const shop = new Rehearsal({
      files: {
        ...settings(),
        ...project("shop"),
        ...agent("scribe", { writes: ["${{ project.dir }}/**"] }),
        "agents/scribe/main.sh": `mkdir -p projects/shop\n${program}${PROGRAM}`,
        ...pipeline("shop/note", [{ id: "write", agent: "scribe", retry: { limit: 1 } }]),
      },
    });
    const before = shop.operator.git("rev-parse", "main");
    await shop.request("shop/note");

    await shop.tick();

    expect(shop.closedRuns()).toMatchObject([{ result: "failed" }]);
    expect(shop.operator.git("rev-parse", "main")).toBe(before);
    expect(
      Number(shop.operator.git("count-objects", "-v").match(/size-pack: (\d+)/u)?.[1]),
    ).toBeLessThan(200);
  },
);

test("A file that an agent's name calls an option is delivered as a file.", async () => {
  const plays = { scribe: () => made("projects/shop/-rf", "a file\n") };
  const shop = await asked(makeRepository(), plays);

  await shop.tick();

  expect(shop.operator.git("show", "main:projects/shop/-rf")).toBe("a file");
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});

test("A file for a path that main keeps in Git LFS is refused, and the reason names the path.", async () => {
  const operator = makeRepository({ "projects/shop/.gitattributes": "*.md filter=lfs -text\n" });
  const shop = await asked(operator);

  await shop.tick();

  const [run] = shop.closedRuns();
  expect(run?.result).toBe("failed");
  expect(JSON.stringify(run)).toContain(`${NOTE} is kept in Git LFS`);
  expect(shop.text(NOTE)).toBeUndefined();
});

test("A submodule on main is neither fetched nor touched by a delivery.", async () => {
  const shop = await asked();
  const commit = shop.operator.git("rev-parse", "main");
  const entry = `160000,${commit},projects/shop/library`;
  shop.operator.git("update-index", "--add", "--cacheinfo", entry);
  shop.operator.write({
    ".gitmodules": '[submodule "library"]\n\tpath = projects/shop/library\n\turl = /none\n',
  });
  shop.operator.git("add", ".gitmodules");
  shop.operator.git("commit", "--quiet", "--message", "A library");

  await shop.tick();

  expect(shop.text(NOTE)).toBe("delivered");
  expect(shop.operator.git("ls-tree", "main", "projects/shop/library")).toContain(commit);
});

test("git gc --prune=now in the middle of a step takes away nothing that the tick still needs.", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const shop = await asked(operator, {
    scribe: () => {
      operator.git("gc", "--quiet", "--prune=now");
      return made(NOTE, "delivered\n");
    },
  });

  await shop.tick();
  operator.git("gc", "--quiet", "--prune=now");

  expect(origin.git("show", `main:${NOTE}`)).toBe("delivered");
  expect(operator.git("fsck", "--no-dangling", "--no-progress")).toBe("");
  expect((await shop.verify()).findings).toEqual([]);
});

test.each([
  ["2001 before 2099", ["2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"]],
  ["2099 before 2001", ["2099-01-01T00:00:00Z", "2001-01-01T00:00:00Z"]],
])(
  "Commits of main that are dated %s count in the order in which they follow each other.",
  async (_, dates) => {
    const { operator, ...shop } = await dated();
    for (const [index, date] of dates.entries()) {
      operator.write(project("shop", { summary: `Version ${index}.` }));
      commitAt(operator, date);
      await shop.tick();
    }

    const { observed } = await shop.look();
    expect(observed.summaries.projects.get("shop")?.applied?.commit).toBe(
      operator.git("rev-parse", "main"),
    );
    expect((await shop.verify()).findings).toEqual([]);
  },
);

async function dated(): Promise<Pick<Rehearsal, "operator" | "tick" | "look" | "verify">> {
  const shop = await asked();
  return {
    operator: shop.operator,
    tick: () => shop.tick(),
    look: () => shop.look(),
    verify: () => shop.verify(),
  };
}

function commitAt({ path }: TestRepository, date: string): void {
  const who = { GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@northwind.example" };
  const committer = { GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@northwind.example" };
  const dates = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const env = { ...ENVIRONMENT, ...who, ...committer, ...dates };
  execFileSync("git", ["commit", "--quiet", "--all", "--message", "dated"], { cwd: path, env });
}
