import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDrifted } from "#runner/loop/drifted.ts";
import { tombstonePath } from "#runner/core/memory/memory-tombstone.ts";
import { readEvents } from "#runner/loop/events.ts";
import { look } from "#runner/loop/look.ts";
import { noteCompany } from "../support/company.ts";
import { openGate } from "../support/core-records.ts";
import { makeFolder } from "../support/git-repo.ts";
import { ADA, made, Rehearsal } from "../support/rehearsal.ts";

const NOTE = "projects/shop/note.txt";
const STRANGER = "mallory@elsewhere.example";
const AT = "2026-11-22T08:00:00.000Z";

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

test("However many files somebody else has changed, one log of git tells who changed each of them last.", async () => {
  const names = ["a", "b", "c", "d"].map((name) => `projects/shop/${name}.txt`);
  const of = new Rehearsal({
    files: noteCompany(),
    plays: { scribe: () => ({ files: names.flatMap((name) => made(name, "first\n").files) }) },
  });
  await write(of);
  for (const [index, name] of names.entries()) {
    of.operator.commit({ [name]: "odd\n" }, "Edit one");
    of.gitAs(`${index}@elsewhere.example`, "commit", "--amend", "--no-edit", "--reset-author");
  }
  const folder = makeFolder();
  const told = `#!/bin/sh\necho "$@" >> ${folder}/told\nPATH="\${PATH#*:}" exec git "$@"\n`;
  writeFileSync(join(folder, "git"), told, { mode: 0o755 });
  const { PATH = "" } = of.environment;
  of.environment = { ...of.environment, PATH: `${folder}:${PATH}` };

  const { observed } = await of.look();

  expect([...observed.drifted].map(([path, { by }]) => [path, by])).toEqual(
    names.map((name, index) => [name, `${index}@elsewhere.example`]),
  );
  const started = readFileSync(join(folder, "told"), "utf8").split("\n");
  expect(started.filter((line) => / log /.test(line))).toHaveLength(1);
});

test("What an open gate brings to main itself is no drift, and git is not asked about it.", async () => {
  const of = await shop();
  edit(of, "odd\n", STRANGER);
  const attempts = of.closedRuns().flatMap((closed) => closed.attempts);
  const gate = openGate({ deliverables: attempts.flatMap(({ deliverables }) => deliverables) });

  const found = await of.read(async ({ repository, store: files, ...engine }) => {
    const { workspace, observed } = await look({ repository, store: files, ...engine });
    if (workspace === null) throw new Error("there is no workspace");
    const eyes = { repository, files, workspace, summaries: observed.summaries };
    const gates = [new Map(), new Map([[gate.record.id, gate]])];
    return Promise.all(gates.map(async (open) => [...(await readDrifted(eyes, open)).keys()]));
  });

  expect(found).toEqual([[NOTE], []]);
});

test("What a purge took from all of main's history was removed by whoever committed the tombstone that names it.", async () => {
  const of = await shop();
  const blob = of.operator.git("rev-parse", `main:${NOTE}`);
  const drifted = async (): Promise<unknown> => (await of.look()).observed.drifted.get(NOTE);

  of.operator.git("reset", "--quiet", "--hard", "main~1");
  expect(await drifted()).toEqual({ blob: null, by: null });

  const tombstone = `subject: "client/bo"\nblobs: ["${blob}"]\nat: "${AT}"\nby: "${ADA}"\nreason: "asked to"\n`;
  const path = tombstonePath({ subject: "client/bo" });
  of.operator.commit({ [path]: tombstone }, "Forget");
  expect(await drifted()).toEqual({ blob: null, by: ADA });

  of.gitAs(STRANGER, "commit", "--quiet", "--amend", "--no-edit", "--reset-author");
  expect(await drifted()).toEqual({ blob: null, by: STRANGER });
});
