import { expect, test } from "vitest";
import { openRepository } from "#runner/repo/repository.ts";
import { agent, noteCompany, settings } from "../support/company.ts";
import {
  addOrigin,
  cloneOf,
  ENVIRONMENT,
  makeFolder,
  makeRepository,
  repositoryAt,
  runGit,
} from "../support/git-repo.ts";
import { made, type Play, Rehearsal } from "../support/rehearsal.ts";

const NOTE = "projects/shop/note.md";
const scribe: Play = () => made(NOTE, "delivered\n");

/** Takes `a.bin` and leaves the same bytes as `b.bin`. */
const copier: Play = ({ files }) => {
  const read = files.find(({ path }) => path === "projects/shop/a.bin");
  return { files: read === undefined ? [] : [{ ...read, path: "projects/shop/b.bin" }] };
};

/** What main holds after the note was asked for. */
async function delivered(shop: Rehearsal): Promise<string | undefined> {
  await shop.request("shop/note");
  const tick = await shop.tick();
  expect(tick.holds).toEqual([]);
  return shop.text(NOTE);
}

test("Manifests with Windows line ends and a byte order mark are read like any others.", async () => {
  const plain = Object.entries(noteCompany());
  const files = Object.fromEntries(
    plain.map(([path, text]) => [path, `\uFEFF${String(text).replaceAll("\n", "\r\n")}`]),
  );
  const shop = new Rehearsal({ files, plays: { scribe } });

  expect(await delivered(shop)).toBe("delivered");
});

test("An agent is given a binary file byte for byte, and a binary result is delivered so.", async () => {
  const bytes = Buffer.from([0, 255, 254, 13, 10, 0, 1, 128]);
  const files = {
    ...noteCompany(),
    ...agent("scribe", {
      reads: ["${{ project.dir }}/*.bin"],
      writes: ["${{ project.dir }}/**"],
    }),
    "projects/shop/a.bin": bytes,
  };
  const shop = new Rehearsal({ files, plays: { scribe: copier } });
  await shop.request("shop/note");

  await shop.tick();

  const id = (path: string): string => shop.operator.git("rev-parse", `main:projects/shop/${path}`);
  expect(id("b.bin")).toBe(id("a.bin"));
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});

test("autocrlf in the operator's configuration does not make a delivery look like an edit.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe } });
  shop.operator.git("config", "core.autocrlf", "true");

  expect(await delivered(shop)).toBe("delivered");

  expect(shop.operator.git("status", "--porcelain")).toBe("");
  expect(shop.operator.git("cat-file", "-s", `main:${NOTE}`)).toBe(String("delivered\n".length));
});

test("Started in a linked work tree, a tick works for the whole repository.", async () => {
  const main = makeRepository();
  main.commit(noteCompany(), "Start the company");
  const linked = `${makeFolder()}/linked`;
  main.git("worktree", "add", "--quiet", "-b", "idea", linked);
  const shop = new Rehearsal({ files: {}, operator: repositoryAt(linked), plays: { scribe } });

  expect(await delivered(shop)).toBe("delivered");

  expect(main.git("status", "--porcelain")).toBe("");
  expect(main.git("show", `HEAD:${NOTE}`)).toBe("delivered");
});

test("Started in a subfolder, a tick finds the workspace.", async () => {
  const main = makeRepository();
  main.commit(noteCompany(), "Start the company");
  const operator = repositoryAt(`${main.path}/projects/shop`);
  const shop = new Rehearsal({ files: {}, operator, plays: { scribe } });
  await shop.request("shop/note");

  await shop.tick();

  expect(main.git("show", `main:${NOTE}`)).toBe("delivered");
});

test("A shallow clone works, too.", async () => {
  const first = makeRepository();
  first.commit(noteCompany(), "Start the company");
  const clone = cloneOf(addOrigin(first), "--depth", "1");
  clone.git("remote", "remove", "origin");
  const shop = new Rehearsal({ files: {}, operator: clone, plays: { scribe } });

  expect(await delivered(shop)).toBe("delivered");

  expect(clone.git("rev-list", "--count", "main")).toBe("2");
});

test("A workspace without projects has nothing to do.", async () => {
  const shop = new Rehearsal({ files: settings() });

  const tick = await shop.tick();

  expect(tick).toMatchObject({ end: { kind: "settled" }, booked: 0, holds: [] });
  expect(shop.operator.git("for-each-ref", "refs/heads/fettle")).toBe("");
});

test("A repository without fettle.yaml is left alone.", async () => {
  const shop = new Rehearsal({ files: { "notes.txt": "mine\n" } });

  const tick = await shop.tick();

  expect(tick.end).toEqual({ kind: "invalid" });
  expect(shop.operator.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
});

test("A repository whose branch is called master has no main to work from, and is left alone.", async () => {
  const operator = makeRepository();
  operator.git("branch", "--move", "main", "master");
  const shop = new Rehearsal({ files: noteCompany(), operator });

  const tick = await shop.tick();

  expect(tick.end).toEqual({ kind: "invalid" });
  expect(operator.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/master");
});

test("A repository without commits is refused before anything is written.", async () => {
  const start = makeFolder();
  runGit(start, ["init", "--quiet", "--initial-branch=main"]);

  const opened = await openRepository({ start, environment: ENVIRONMENT });

  expect(opened.kind).toBe("no-commits");
});

test("A file name with spaces, umlauts and quotes is delivered as it is.", async () => {
  const name = `projects/shop/Größe "M" für Zoë.md`;
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe: () => made(name, "x\n") } });
  await shop.request("shop/note");

  await shop.tick();

  expect(shop.text(name)).toBe("x");
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});
