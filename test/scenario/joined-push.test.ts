/** What is durable here step by step reaches the origin as one commit for each push. */
import { renameSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { pendingRef, STATE } from "#runner/core/ref-names.ts";
import { catchUp } from "#runner/loop/follow-authority.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { readEvents } from "#runner/loop/events.ts";
import { book } from "#runner/loop/ledger.ts";
import { look } from "#runner/loop/look.ts";
import { publishPending } from "#runner/loop/publish-pending.ts";
import { factOf } from "../chaos/agreement/groups.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository, type TestRepository } from "../support/git-repo.ts";
import { Rehearsal } from "../support/rehearsal.ts";

interface Desk {
  readonly desk: Rehearsal;
  readonly origin: TestRepository;
  readonly pending: string;
}

/** A run of three steps in turn, each of which takes until what came before it is durable here. */
async function deskWithOrigin(): Promise<Desk> {
  const operator = makeRepository();
  operator.commit(
    {
      ...settings(),
      ...project("desk"),
      ...agent("scribe"),
      ...agent("clerk"),
      ...pipeline("desk/notes", [
        { id: "one", agent: "scribe" },
        { id: "two", agent: "scribe", needs: ["one"] },
        { id: "three", agent: "scribe", needs: ["two"] },
      ]),
      ...pipeline("desk/memo", [{ id: "look", agent: "clerk" }]),
    },
    "Start the company",
  );
  const origin = addOrigin(operator);
  const desk = new Rehearsal({ files: {}, operator, plays: { clerk: () => ({}) } });
  const { runner } = await operator.open();
  const pending = pendingRef(runner, STATE);
  desk.plays["scribe"] = async () => {
    const step = ["", "one", "two"][(desk.calls.length - 1) % 3] ?? "";
    const awaited = step === "" ? "" : `step ${step} succeeded`;
    await vi.waitFor(() => expect(subjects(operator, "--all").join()).toContain(awaited), 60_000);
    return { outputs: { step } };
  };
  await desk.tick();
  return { desk, origin, pending };
}

function subjects(of: TestRepository, range: string): readonly string[] {
  return of
    .git("log", "--reverse", "--format=%s", range)
    .replaceAll(/(notes|memo)\.\w+/g, "$1")
    .replaceAll(/runner \S+:/g, "runner:")
    .split("\n");
}

async function kindsOf(of: Rehearsal): Promise<readonly string[]> {
  const events = await of.read(({ store }) => readEvents(store, "2026-01-01"));
  return events.map(({ kind }) => kind);
}

test("A run of three steps is two commits of the origin: what it begins with, and all that came of it.", async () => {
  const { desk, origin } = await deskWithOrigin();
  await desk.request("desk/notes");
  const asked = origin.git("rev-parse", STATE);

  await desk.tick();

  expect(subjects(origin, `${asked}..${STATE}`)).toEqual([
    "run notes: started (and 1 more)",
    "run notes: step one succeeded (and 4 more)",
  ]);
  expect(desk.operator.git("rev-parse", STATE)).toBe(origin.git("rev-parse", STATE));
  expect(desk.operator.git("for-each-ref", "refs/fettle/pending")).toBe("");
  expect(desk.closedRuns()).toMatchObject([{ result: "succeeded", attempts: [{}, {}, {}] }]);
  expect((await desk.verify()).findings).toEqual([]);
});

/** The origin is away for a while, in which a run begins and ends. */
async function endedAway(): Promise<Desk & { readonly asked: string }> {
  const made = await deskWithOrigin();
  const { desk, origin } = made;
  await desk.request("desk/notes");
  const asked = origin.git("rev-parse", STATE);
  renameSync(origin.path, `${origin.path}.away`);
  await desk.tick();
  renameSync(`${origin.path}.away`, origin.path);
  return { ...made, asked };
}

test("A run that begins and ends between two pushes is one commit, which says all that happened and verifies.", async () => {
  const { desk, origin, asked } = await endedAway();

  await desk.tick();

  expect(subjects(origin, `${asked}..${STATE}`)).toEqual(["run notes: started (and 4 more)"]);
  expect((await desk.verify()).findings).toEqual([]);
  expect((await kindsOf(desk)).slice(-5)).toEqual([
    "run-started",
    "step-finished",
    "step-finished",
    "step-finished",
    "run-finished",
  ]);
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  await other.tick();
  expect((await other.verify()).findings).toEqual([]);
  expect(other.closedRuns()).toEqual(desk.closedRuns());
});

test("A run that was joined and loses a race is there with every result, and nothing is done again.", async () => {
  const { desk, origin } = await endedAway();
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  await other.request("desk/memo");

  await desk.tick();

  expect(desk.calls.map(({ agent: { name } }) => name)).toEqual([
    "scribe",
    "scribe",
    "scribe",
    "clerk",
  ]);
  expect(desk.closedRuns().map(({ run, attempts }) => [run.pipeline, attempts.length])).toEqual([
    ["notes", 3],
    ["memo", 1],
  ]);
  expect((await desk.verify()).findings).toEqual([]);
});

test("Results of one push that lose a race are kept, each of them.", async () => {
  const { desk, origin } = await deskWithOrigin();
  const other = new Rehearsal({
    files: {},
    operator: cloneOf(origin),
    plays: { clerk: () => ({}) },
  });
  await other.tick();
  const { scribe } = desk.plays;
  desk.plays["scribe"] = async (invocation, signal) => {
    const result = await scribe?.(invocation, signal);
    if (desk.calls.length !== 3) return result ?? {};
    await other.request("desk/memo");
    await other.tick();
    return result ?? {};
  };
  await desk.request("desk/notes");

  await desk.tick();
  await desk.tick();

  expect(desk.calls).toHaveLength(3);
  expect(
    desk
      .closedRuns()
      .map(({ run }) => run.pipeline)
      .toSorted(),
  ).toEqual(["memo", "notes"]);
  expect((await desk.verify()).findings).toEqual([]);
});

/** The newest state that no ref holds. */
function unheld(operator: TestRepository): string {
  const found = operator.git("fsck", "--unreachable", "--no-reflogs").split("\n");
  const commits = found.flatMap((line) => /^unreachable commit (\w+)/.exec(line)?.[1] ?? []);
  const last = commits.filter((commit) => {
    const isState = operator.git("ls-tree", commit, "format.json") !== "";
    return isState && subjects(operator, commit).at(-1)?.includes("step three") === true;
  });
  return last[0] ?? "";
}

test("A runner that dies when it has joined the payload and not the state leaves nothing to be done by hand.", async () => {
  const { desk, origin, pending, asked } = await endedAway();
  const { operator } = desk;
  const payload = operator.git(
    "for-each-ref",
    "--format=%(refname)",
    pending.replace(/state$/, "payload"),
  );
  expect(subjects(operator, payload)).toHaveLength(1);
  operator.git("update-ref", pending, unheld(operator));

  await desk.tick();

  expect(subjects(origin, `${asked}..${STATE}`)).toEqual([
    "run notes: started",
    "run notes: step one succeeded",
    "run notes: step two succeeded",
    "run notes: step three succeeded (and 1 more)",
  ]);
  expect(desk.calls).toHaveLength(3);
  expect((await desk.verify()).findings).toEqual([]);
});

/** Makes a commit of one request durable. */
async function ask(engine: Engine, id: string): Promise<void> {
  const { summaries } = (await look(engine)).observed;
  const transactions = [factOf(id, engine.clock())];
  await book(engine.store, { summaries, transactions, refs: [] });
}

const { signal } = new AbortController();

test("What was offered to the origin once is not joined with what comes after it: it may have arrived.", async () => {
  const { desk, origin } = await deskWithOrigin();
  const before = origin.git("rev-parse", STATE);

  await desk.write(async (engine) => {
    for (const id of ["a", "b"]) await ask(engine, id);
    renameSync(origin.path, `${origin.path}.away`);
    expect(await publishPending(engine, signal)).toMatchObject({ ok: false });
    renameSync(`${origin.path}.away`, origin.path);
    for (const id of ["c", "d"]) await ask(engine, id);
    expect(await publishPending(engine, signal)).toMatchObject({ ok: true, isRebuilt: false });
  });

  expect(subjects(origin, `${before}..${STATE}`)).toEqual([
    "request a: reject (and 1 more)",
    "request c: reject (and 1 more)",
  ]);
});

test("What another process may have offered between two ticks is left as it is.", async () => {
  const { desk, origin, pending } = await deskWithOrigin();
  const before = origin.git("rev-parse", STATE);

  await desk.write(async (engine) => {
    await ask(engine, "a");
    desk.operator.git("push", "--quiet", "origin", `${pending}:${STATE}`);
    renameSync(origin.path, `${origin.path}.away`);
    expect(await catchUp(engine, signal)).toMatchObject({ kind: "unreachable" });
    renameSync(`${origin.path}.away`, origin.path);
    await ask(engine, "b");
    expect(await publishPending(engine, signal)).toMatchObject({ ok: true, isRebuilt: false });
  });

  expect(subjects(origin, `${before}..${STATE}`)).toEqual([
    "request a: reject",
    "request b: reject",
  ]);
});
