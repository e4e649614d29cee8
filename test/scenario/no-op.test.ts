import { rmSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Plan } from "#runner/core/action.ts";
import { completePlan } from "#runner/loop/complete-plan.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { look } from "#runner/loop/look.ts";
import { fingerprintOf, restedTick } from "#runner/loop/no-op.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import type { FileTexts } from "../support/git-repo.ts";
import { mailShop } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

const COUNT = [{ id: "count", agent: "counter" }];
const NUMBER = { type: "object", required: ["count"], properties: { count: { type: "integer" } } };

/** Projects that wait for a time, for a file, for a goal, for a request. */
function founding(): FileTexts {
  const goal = {
    statement: "There are few.",
    metric: { agent: "counter", output: "count" },
    target: { max: 3 },
    check: "1d",
    pipelines: ["count"],
    cooldown: "2d",
  };
  return {
    ...settings(),
    ...agent("counter", { outputs: NUMBER }),
    ...project("timed"),
    ...pipeline("timed/count", COUNT, { triggers: { schedule: { cron: "0 */6 * * *" } } }),
    ...project("watching"),
    ...pipeline("watching/count", COUNT, { triggers: { changes: ["*.csv"] } }),
    ...project("aiming", { goals: { few: goal } }),
    ...pipeline("aiming/count", COUNT, { triggers: { goal: "few" } }),
    ...project("idle"),
    ...pipeline("idle/count", COUNT),
  };
}

function rehearsal(): Rehearsal {
  let count = 0;
  const counter = (): object => ({ outputs: { count: (count += 1) % 7 } });
  return new Rehearsal({ files: founding(), plays: { counter } });
}

/** Ticks until one has nothing to do, which is then remembered. */
async function settle(company: Rehearsal): Promise<void> {
  while ((await company.tick()).booked > 0);
}

interface Plans {
  readonly whole: Plan;
  /** Made without looking at what rests. */
  readonly narrow: Plan;
  /** What the last tick left, while that still counts. */
  readonly rested: Plan | undefined;
  /** Projects that were looked at for `narrow`. */
  readonly awake: readonly string[];
}

/** The plans of one moment, with the memory and without. */
function plansOf(company: Rehearsal): Promise<Plans> {
  return company.read(async (engine) => {
    const now = engine.clock();
    const whole = await planOf(engine, now, false);
    const narrow = await planOf(engine, now, true);
    const rested = await restedTick(engine.cache, fingerprintOf(engine.repository), now);
    return { whole: whole.plan, narrow: narrow.plan, rested: rested?.plan, awake: narrow.awake };
  });
}

async function planOf(
  engine: Engine,
  now: string,
  remembers: boolean,
): Promise<{ readonly plan: Plan; readonly awake: readonly string[] }> {
  const { workspace, observed } = await look(
    engine,
    remembers ? { cache: engine.cache, now } : undefined,
  );
  if (workspace === null) throw new Error("the company has no fettle.yaml");
  const { plan } = await completePlan(engine.store, { workspace, observed }, now);
  return { plan, awake: [...workspace.projects.keys()] };
}

type Edit = (company: Rehearsal) => void | Promise<void>;

function commits(files: FileTexts): Edit {
  return ({ operator }) => void operator.commit(files);
}

const EDITS: Readonly<Record<string, Edit>> = {
  "a page": commits({ "README.md": "Something else.\n" }),
  "a project": commits(project("idle", { summary: "Another purpose." })),
  "a project that is not valid": commits({ "projects/timed/project.yaml": "summary: [\n" }),
  "a project that is suspended": commits(project("aiming", { suspend: true })),
  "a new project": commits({ ...project("new"), ...pipeline("new/count", COUNT) }),
  "a project that is gone": ({ operator }) => {
    rmSync(join(operator.path, "projects/idle"), { recursive: true, force: true });
    operator.commit({});
  },
  "a new name": commits(project("renamed", { previousNames: ["idle"] })),
  "a watched file": commits({ "projects/watching/list.csv": "a,b\n" }),
  "an agent": commits(agent("counter", { role: "Counts.", outputs: NUMBER })),
  "an agent that is not valid": commits({ "agents/counter/agent.yaml": "role: 1\n" }),
  "the settings": commits(settings({ timezone: "Asia/Tokyo" })),
  "everything suspended": commits(settings({ suspend: true })),
  "all as it was": ({ operator }) => void operator.commit(founding()),
  "a request": (company) => company.request("idle/count"),
  "an hour": (company) => company.pass("1h"),
  "a day": (company) => company.pass("1d"),
  nothing: () => undefined,
};

test("After any edits a plan made with the memory of what rests is the plan made without it.", async () => {
  const edits = fc.array(fc.constantFrom(...Object.keys(EDITS)), { minLength: 4, maxLength: 5 });
  const ticking = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(edits, ticking, async (names, ticks) => {
      const company = rehearsal();
      await settle(company);
      for (const [index, name] of names.entries()) {
        await EDITS[name]?.(company);
        const { whole, narrow, rested } = await plansOf(company);
        expect(narrow).toEqual(whole);
        expect(rested ?? whole).toEqual(whole);
        if (ticks[index] === true) await company.tick();
      }
    }),
    { numRuns: 4 },
  );
});

test("What has not changed is not looked at.", async () => {
  const company = rehearsal();
  await settle(company);

  await EDITS["a page"]?.(company);
  const { awake, rested } = await plansOf(company);

  expect([awake, rested]).toEqual([[], undefined]);
});

const WAKING: readonly (readonly [edit: string, awake: readonly string[]])[] = [
  ["a project", ["idle"]],
  ["a watched file", ["watching"]],
  ["a request", ["idle"]],
  ["a new name", ["aiming", "idle", "timed", "watching"]],
  ["an agent", ["aiming", "idle", "timed", "watching"]],
  ["the settings", ["aiming", "idle", "timed", "watching"]],
  ["a day", ["aiming", "timed"]],
];

test.each(WAKING)("What %s concerns is looked at, and nothing else.", async (edit, awake) => {
  const company = rehearsal();
  await settle(company);

  await EDITS[edit]?.(company);

  expect((await plansOf(company)).awake).toEqual(awake);
});

test("A tick that finds everything as the last one left it looks at nothing.", async () => {
  const company = rehearsal();
  await settle(company);

  const { end, view, booked } = await company.tick();

  expect([end.kind, view, booked]).toEqual(["settled", null, 0]);
});

test("A clock that was turned back is not trusted.", async () => {
  const company = rehearsal();
  await settle(company);

  company.travel("2026-03-01T00:00:00.000Z");
  const { awake, rested, narrow, whole } = await plansOf(company);

  expect([awake.length, rested]).toEqual([4, undefined]);
  expect(narrow).toEqual(whole);
});

test("A gate whose branch is gone is looked at by the next tick, and the one after it.", async () => {
  const shop = await mailShop();
  await shop.tick();
  const { branch } = await shop.gate();

  shop.operator.git("branch", "-D", branch);
  const ticks = [await shop.tick(), await shop.tick()];

  expect(ticks.map(({ view }) => view === null)).toEqual([false, false]);
  expect((await shop.look()).observed.gates.size).toBe(0);
});
