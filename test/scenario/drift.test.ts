import { expect, test } from "vitest";
import { readEvents } from "#runner/loop/events.ts";
import { noteCompany } from "../support/company.ts";
import { ADA, made, Rehearsal } from "../support/rehearsal.ts";

const NOTE = "projects/shop/note.txt";
const STRANGER = "mallory@elsewhere.example";

/** A shop whose scribe has delivered a note. */
async function shop(): Promise<Rehearsal> {
  const of = new Rehearsal({
    files: noteCompany(),
    plays: { scribe: () => made(NOTE, "first\n") },
  });
  await write(of);
  return of;
}

async function write(of: Rehearsal): Promise<Awaited<ReturnType<Rehearsal["tick"]>>> {
  await of.request("shop/note");
  return of.tick();
}

async function kinds(of: Rehearsal): Promise<readonly string[]> {
  const events = await of.read((engine) => readEvents(engine.store, ""));
  return events.map(({ kind }) => kind);
}

function edit(of: Rehearsal, text: string, by = ADA): void {
  of.operator.commit({ [NOTE]: text }, "Edit the note");
  of.gitAs(by, "commit", "--amend", "--no-edit", "--reset-author");
}

async function inventory(of: Rehearsal): Promise<unknown> {
  const { observed } = await of.look();
  return observed.summaries.inventories.get("shop");
}

test("What an operator made of a delivered file counts, once, and is told.", async () => {
  const of = await shop();
  edit(of, "better\n");

  await of.tick();
  const refs = of.operator.git("for-each-ref");
  await of.tick();

  const blob = of.operator.git("rev-parse", `main:${NOTE}`);
  expect(await inventory(of)).toMatchObject({
    owned: { [NOTE]: blob },
    edited: { [NOTE]: { by: ADA, to: blob, commit: of.operator.git("rev-parse", "main") } },
  });
  expect((await kinds(of)).filter((kind) => kind === "edits-adopted")).toHaveLength(1);
  expect(of.operator.git("for-each-ref")).toBe(refs);
  expect((await of.verify()).findings).toEqual([]);
});

test("A later delivery that was made with the edit in view builds on it.", async () => {
  const of = await shop();
  edit(of, "better\n");
  await of.tick();
  of.plays["scribe"] = () => made(NOTE, "better, and more\n");

  await write(of);

  expect(of.text(NOTE)).toBe("better, and more");
  expect(await inventory(of)).not.toHaveProperty("edited");
});

test("A file that an operator removed stays removed.", async () => {
  const of = await shop();
  of.operator.git("rm", "-q", NOTE);
  of.operator.git("commit", "-qm", "Remove the note");

  await of.tick();
  await of.tick();

  expect(of.text(NOTE)).toBeUndefined();
  expect(await inventory(of)).toMatchObject({
    owned: {},
    edited: { [NOTE]: { to: null, by: ADA } },
  });
  expect((await of.verify()).findings).toEqual([]);
});

test("What somebody else made of it is shown, and nothing is delivered over it until an operator has spoken.", async () => {
  const of = await shop();
  edit(of, "odd\n", STRANGER);
  of.plays["scribe"] = () => made(NOTE, "second\n");

  const { holds } = await write(of);

  expect(holds).toMatchObject([
    { subject: `file:${NOTE}`, reason: "unknown-writer", why: expect.stringContaining(STRANGER) },
  ]);
  expect(of.text(NOTE)).toBe("odd");
  expect(await kinds(of)).not.toContain("edits-adopted");

  edit(of, "odd, but mine\n");
  await of.tick();

  expect(of.text(NOTE)).toBe("odd, but mine");
  expect((await kinds(of)).at(-1)).toBe("files-delivered");
  expect(await kinds(of)).toContain("edits-adopted");
  expect((await of.verify()).findings).toEqual([]);
});

test("An edit that main does not hold is a finding.", async () => {
  const of = await shop();
  edit(of, "better\n");
  await of.tick();
  of.operator.git("checkout", "-q", "--orphan", "other");
  of.operator.commit({ "README.md": "new\n" }, "Begin anew");
  of.operator.git("branch", "-qf", "main", "other");

  expect((await of.verify()).findings.map(({ rule }) => rule)).toContain("delivery");
});
