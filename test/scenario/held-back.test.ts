/** Without an origin a tick makes every result durable beside the branches, which get all of them as one. */
import { expect, test, vi } from "vitest";
import { pendingRef, seenRef, STATE } from "#runner/core/ref-names.ts";
import { readEvents } from "#runner/loop/events.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository, type TestRepository } from "../support/git-repo.ts";
import { Rehearsal } from "../support/rehearsal.ts";

const ASIDE = pendingRef("local", STATE);

/** A run of some steps in turn, each of which takes until what came before it is durable here. */
async function desk(steps: readonly string[] = ["one", "two", "three"]): Promise<Rehearsal> {
  const operator = makeRepository();
  operator.commit(
    {
      ...settings(),
      ...project("desk"),
      ...agent("scribe"),
      ...agent("clerk"),
      ...pipeline("desk/memo", [{ id: "look", agent: "clerk" }]),
      ...pipeline(
        "desk/notes",
        steps.map((id, at) => ({ id, agent: "scribe", needs: steps.slice(at - 1, at) })),
      ),
    },
    "Start the company",
  );
  const of = new Rehearsal({ files: {}, operator });
  of.plays["scribe"] = async () => {
    const before = steps[of.calls.length - 2];
    const awaited = before === undefined ? "started" : `step ${before} succeeded`;
    await vi.waitFor(() => expect(subjects(operator, "--all").join()).toContain(awaited), 60_000);
    return {};
  };
  await of.tick();
  await of.request("desk/notes");
  return of;
}

function subjects(of: TestRepository, range: string): readonly string[] {
  const log = of.git("log", "--reverse", "--format=%s", range);
  return log.replaceAll(/notes\.\w+/g, "notes").split("\n");
}

async function kindsOf(of: Rehearsal): Promise<readonly string[]> {
  const events = await of.read(({ store }) => readEvents(store, "2026-01-01"));
  return events.map(({ kind }) => kind);
}

/** Their pipelines, and how many attempts each took. */
function runsOver(of: Rehearsal): readonly (readonly [pipeline: string, attempts: number])[] {
  return of.closedRuns().map(({ run, attempts }) => [run.pipeline, attempts.length]);
}

test("Who looks while a tick is at work sees each result at once, and the branch gets all of them as one commit.", async () => {
  const of = await desk();
  const asked = of.operator.git("rev-parse", STATE);
  const seen: (readonly string[])[] = [];
  const { scribe } = of.plays;
  of.plays["scribe"] = async (invocation, signal) => {
    const result = await scribe?.(invocation, signal);
    seen.push((await kindsOf(of)).slice(-2), [of.operator.git("rev-parse", STATE)]);
    return result ?? {};
  };

  await of.tick();

  expect(seen.slice(2)).toEqual([
    ["run-started", "step-finished"],
    [asked],
    ["step-finished", "step-finished"],
    [asked],
  ]);
  expect(subjects(of.operator, `${asked}..${STATE}`)).toEqual(["run notes: started (and 4 more)"]);
  expect((await of.verify()).findings).toEqual([]);
});

/** As a kill leaves it that came before the branch got there: all that the tick did is durable, and held back. */
async function killed(of: Rehearsal): Promise<string> {
  const before = of.operator.git("rev-parse", STATE);
  await of.tick();
  const held = of.operator.git("rev-parse", STATE);
  of.operator.git("update-ref", ASIDE, held);
  for (const ref of [STATE, seenRef(STATE)]) of.operator.git("update-ref", ref, before);
  return held;
}

test("What was held back when the runner was killed goes on the branch at the next start, and nothing is done again.", async () => {
  const of = await desk();
  const held = await killed(of);
  expect((await kindsOf(of)).at(-1)).toBe("run-finished");

  await of.tick();

  expect(of.operator.git("rev-parse", STATE)).toBe(held);
  expect(of.operator.git("for-each-ref", ASIDE)).toBe("");
  expect(of.calls).toHaveLength(3);
});

test("What was held back is applied again where the branch has gone another way meanwhile.", async () => {
  const of = await desk();
  await killed(of);
  const clerk = { clerk: () => ({}) };
  Object.assign(of.plays, clerk);
  const other = new Rehearsal({ files: {}, operator: cloneOf(of.operator), plays: clerk });
  await other.request("desk/memo");

  await of.tick();

  expect(of.calls).toHaveLength(4);
  expect(runsOver(of)).toEqual([
    ["notes", 3],
    ["memo", 1],
  ]);
  expect((await of.verify()).findings).toEqual([]);
});

test("A step that takes long leaves the branch behind no longer than others would wait for a sign of life.", async () => {
  const of = await desk();
  of.heartbeatMs = 10;
  const asked = of.operator.git("rev-parse", STATE);
  of.plays["scribe"] = async () => {
    await vi.waitFor(() => expect(of.operator.git("rev-parse", STATE)).not.toBe(asked), 60_000);
    return {};
  };

  await of.tick();

  expect(subjects(of.operator, `${asked}..${STATE}`)[0]).toBe("run notes: started");
  expect((await of.verify()).findings).toEqual([]);
});

test("A tick with many steps does not keep the branch behind until its end.", async () => {
  const of = await desk(Array.from({ length: 34 }, (_, index) => `step${index}`));
  const asked = of.operator.git("rev-parse", STATE);
  of.plays["scribe"] = async () => {
    const { length } = of.calls;
    await vi.waitFor(async () => {
      const durable = (await kindsOf(of)).filter((kind) => kind === "step-finished");
      expect(durable).toHaveLength(length - 1);
    }, 60_000);
    return {};
  };

  await of.tick();

  expect(subjects(of.operator, `${asked}..${STATE}`)).toHaveLength(2);
  expect((await of.verify()).findings).toEqual([]);
});

test("A clone that gets an origin after its runner was killed brings there what was held back.", async () => {
  const of = await desk();
  const held = await killed(of);
  const origin = addOrigin(of.operator);
  of.operator.git("push", "--quiet", "origin", "main");

  await of.tick();

  const branch = origin.git("rev-parse", STATE);
  expect(origin.git("merge-base", held, branch)).toBe(held);
  expect(of.calls).toHaveLength(3);
  expect(of.closedRuns()).toHaveLength(1);
  expect((await of.verify()).findings).toEqual([]);
});

test("Another clone that pushes to this one while it is at work takes no result from it, and loses none of its own.", async () => {
  const of = await desk();
  const plays = { clerk: () => ({}) };
  Object.assign(of.plays, plays);
  const other = new Rehearsal({ files: {}, operator: cloneOf(of.operator), plays });
  const { scribe } = of.plays;
  of.plays["scribe"] = async (invocation, signal) => {
    const result = await scribe?.(invocation, signal);
    if (of.calls.length !== 2) return result ?? {};
    await other.request("desk/memo");
    return result ?? {};
  };

  await of.tick();
  await of.tick();

  expect(of.calls).toHaveLength(4);
  expect(runsOver(of)).toEqual([
    ["notes", 3],
    ["memo", 1],
  ]);
  expect((await of.verify()).findings).toEqual([]);
});
