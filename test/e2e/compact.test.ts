/** What a person sees of compaction: little. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, type Ended, makeDesk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const LATER = { FETTLE_NOW: "2026-12-30T09:00:00Z" };
const STATE = "fettle/state";

const desk = makeDesk({ isHere: true });
afterAll(desk.remove);
let company: Desk;
let run: string;

function later(...args: readonly string[]): Promise<Ended> {
  return company.run(args, { environment: LATER });
}

beforeAll(async () => {
  company = await makeCompany(desk, "old");
  await company.fettle("run", "crash");
  await company.fettle("reconcile");
  const { stdout } = await company.fettle("runs", "--json");
  run = JSON.parse(stdout)[0].record.id;
});

test("fettle compact --dry-run tells what it would fold, and folds nothing", async () => {
  const before = await company.git("rev-parse", STATE);

  const { code, stdout } = await later("compact", "--dry-run");

  expect(stdout).toBe("to compact: 1 day of runs, 1 day of events\n");
  expect(code).toBe(0);
  expect(await company.git("rev-parse", STATE)).toEqual(before);
});

test("fettle compact folds; whatever was known of the run is known afterwards", async () => {
  const asked = [
    ["runs"],
    ["timeline", "crash"],
    ["timeline", run],
    ["explain", run],
    ["attest", run],
  ];
  const before = await Promise.all(asked.map((args) => later(...args)));

  const { code, stdout } = await later("compact");

  expect(stdout).toBe("compacted 1 day of runs, 1 day of events, in 1 commit\n");
  expect(code).toBe(0);
  expect(await Promise.all(asked.map((args) => later(...args)))).toEqual(before);
  expect(before.map((ended) => ended.code)).toEqual(asked.map(() => 0));
  expect(await company.git("ls-tree", "--name-only", STATE, "runs/")).toBe("");
  expect(await later("verify")).toMatchObject({ code: 0 });
});

test("fettle compact has nothing to do a second time", async () => {
  const { code, stdout } = await later("compact", "--json");

  expect(JSON.parse(stdout)).toEqual({ compactions: [], dropped: [], held: [] });
  expect(code).toBe(0);
  expect((await later("compact")).stdout).toBe(
    "nothing is old enough to leave the tip of the state\n",
  );
});

test("a clone without the history says so of an old run, and of nothing else", async () => {
  await desk.git(
    "clone",
    "--quiet",
    "--bare",
    "--depth=1",
    "--no-single-branch",
    `file://${company.folder}`,
    "short.git",
  );

  const asked = await desk.fettle("-C", "short.git", "timeline", run);
  const shown = await desk.fettle("-C", "short.git", "status");
  const checked = await desk.fettle("-C", "short.git", "verify");

  expect(asked.stderr).toContain(`the record of run ${run} is not in this clone`);
  expect(asked.stderr).toContain("git fetch --unshallow");
  expect(asked.code).toBe(64);
  expect(shown.code).toBe(0);
  expect(checked.stdout).toContain("incomplete");
});
