/** Every verb that writes, killed at its writing system calls, whichever of its processes makes them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGate, PROGRAM, type Desk } from "../../e2e/program.ts";
import { Random } from "../simulation/random.ts";
import { faultsAfterKill, type Sequel } from "./aftermath.ts";
import { KilledCompany, type Stage } from "./company.ts";
import { kill as signalAll, killAll, treeOf } from "../../support/process-tree.ts";
import { killedAt, recorded, whyNotTraced, type Program, type WritingCall } from "./traced.ts";

const SEED = Number(process.env["FETTLE_SEED"] ?? 1);
/** Calls of each verb at which it is killed; `all` in `npm run chaos`. */
const POINTS = process.env["FETTLE_KILL_POINTS"] ?? "1";
/** Only calls that match are chosen from. */
const CALLS = new RegExp(process.env["FETTLE_KILL_CALLS"] ?? "");
/** Kills, and Ctrl-Cs, at a random time, over all verbs. */
const RANDOM_KILLS = Number(process.env["FETTLE_RANDOM_KILLS"] ?? 2);
const POINT_MS = 30_000;

interface Sweep {
  readonly name: string;
  readonly stage: Stage;
  readonly hasOrigin: boolean;
  readonly verb: "reconcile" | "approve" | "compact" | "plan" | "settle";
  readonly sequel?: Sequel;
}

const SETTLE = ["../results", "--plan", "../lanes"];
/** What was handed out to lanes may be taken over by then. */
const TAKEN_OVER = { FETTLE_NOW: "2026-11-23T12:00:00Z" };

const SWEEPS: readonly Sweep[] = [
  { name: "reconcile", stage: "asked", hasOrigin: false, verb: "reconcile" },
  { name: "approve", stage: "proposed", hasOrigin: false, verb: "approve" },
  { name: "deliver", stage: "approved", hasOrigin: false, verb: "reconcile" },
  { name: "push", stage: "asked", hasOrigin: true, verb: "reconcile" },
  { name: "approve and push", stage: "proposed", hasOrigin: true, verb: "approve" },
  { name: "compact", stage: "approved", hasOrigin: false, verb: "compact" },
  { name: "compact and push", stage: "approved", hasOrigin: true, verb: "compact" },
  { name: "deliver and push", stage: "approved", hasOrigin: true, verb: "reconcile" },
  {
    name: "hand out to lanes",
    stage: "approved",
    hasOrigin: true,
    verb: "plan",
    sequel: { again: [], later: TAKEN_OVER },
  },
  {
    name: "settle what lanes did",
    stage: "executed",
    hasOrigin: true,
    verb: "settle",
    sequel: { again: ["settle", ...SETTLE], later: {} },
  },
];

/** The hour of the events is over. */
const LATER = { FETTLE_NOW: "2026-11-23T11:00:00Z" };

/** Calls at which a kill once left something behind for ever. */
const FOUND_BEFORE: readonly { readonly sweep: string; readonly call: RegExp }[] = [
  { sweep: "reconcile", call: /write\(.*keep>/ },
  { sweep: "approve", call: /rename.*operator-config/ },
  { sweep: "approve", call: /write\(.*\/memory\/shop\/decisions/ },
  { sweep: "approve and push", call: /origin\.git\/refs\/heads\/main\.lock/ },
  { sweep: "deliver and push", call: /unlink\(.*\/fettle\/gate\/.*\.lock/ },
];

const company = new KilledCompany();
const random = new Random(SEED);
const obstacle = whyNotTraced();
if (obstacle !== null) process.stderr.write(`The kill sweep is left out: ${obstacle}.\n`);

beforeAll(() => (obstacle === null ? company.prepare() : undefined), 180_000);
afterAll(() => company.desk.remove());

/** Puts the company back to where the verb begins. */
async function prepared({ stage, hasOrigin, verb }: Sweep): Promise<Program> {
  await company.restore(stage, hasOrigin);
  const { operator, notes } = company;
  return {
    argv: [process.execPath, PROGRAM, verb, ...(await argsOf(verb, operator))],
    folder: operator.folder,
    environment: { ...operator.environment, ...(verb === "compact" ? LATER : {}) },
    notes,
  };
}

async function argsOf(verb: Sweep["verb"], operator: Desk): Promise<readonly string[]> {
  switch (verb) {
    case "approve":
      return [await openGate(operator)];
    case "plan":
      return ["--lanes", "1", "--out", "../lanes"];
    case "settle":
      return SETTLE;
    case "reconcile":
    case "compact":
      return [];
  }
}

const recordings = new Map<Sweep, readonly WritingCall[]>();

async function callsOf(sweep: Sweep): Promise<readonly WritingCall[]> {
  const known = recordings.get(sweep);
  if (known !== undefined) return known;
  const calls = await recorded(await prepared(sweep), company.folders);
  recordings.set(sweep, calls);
  return calls;
}

/** One of each stretch: the beginning, the middle and the end of a verb are all met. */
function chosen(calls: readonly WritingCall[]): readonly WritingCall[] {
  if (POINTS === "all") return calls;
  const stretch = calls.length / Number(POINTS);
  return Array.from({ length: Number(POINTS) }, (_, index) =>
    calls.at(Math.floor(stretch * (index + random.next()))),
  ).filter((call) => call !== undefined);
}

async function faultsAt(sweep: Sweep, { line }: WritingCall): Promise<readonly string[]> {
  const stopped = await killedAt(await prepared(sweep), line);
  const where = stopped.kind === "killed" ? stopped.at : "its end";
  const faults = await faultsAfterKill(company, sweep.sequel);
  return faults.map((fault) => `${fault}\n  killed at ${where} (line ${line})`);
}

test.skipIf(obstacle !== null).each(SWEEPS)(
  "$name, killed at a call that writes: the next tick finishes, nothing is lost, nothing is done twice.",
  async (sweep) => {
    const calls = (await callsOf(sweep)).filter(({ text }) => CALLS.test(text));
    const faults: string[] = [];
    for (const call of chosen(calls)) faults.push(...(await faultsAt(sweep, call)));

    if (POINTS === "all") process.stdout.write(`${sweep.name}: killed at ${calls.length} calls\n`);
    expect(calls.length).toBeGreaterThan(CALLS.source === "(?:)" ? 20 : 0);
    expect(faults, `FETTLE_SEED=${SEED}`).toEqual([]);
  },
  POINTS === "all" ? 1_000 * POINT_MS : 60_000 + POINT_MS * Number(POINTS),
);

test.skipIf(obstacle !== null).each(FOUND_BEFORE)(
  "$sweep, killed at $call: nothing stays behind.",
  async ({ sweep: name, call: pattern }) => {
    const sweep = SWEEPS.find((one) => one.name === name);
    const calls = sweep === undefined ? [] : await callsOf(sweep);
    const call = calls.find(({ text }) => pattern.test(text));
    if (sweep === undefined || call === undefined) throw new Error("there is no such call");

    expect(await faultsAt(sweep, call)).toEqual([]);
  },
);

/** With all that it has started; nothing, where it has ended by itself. */
async function killedAfter({ argv, folder, environment }: Program, ms: number): Promise<void> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { cwd: folder, env: environment, stdio: "ignore" });
  const end = once(child, "close");
  await Promise.race([end, sleep(ms)]);
  if (child.exitCode === null) await killAll(treeOf(child.pid ?? 0));
  await end;
}

/**
 * As Ctrl-C in a terminal does it, which all programs of the foreground hear, or a supervisor, which ends all programs,
 * the last ones first; how it ended, if not as it may.
 */
async function stoppedAfter(program: Program, ms: number): Promise<readonly string[]> {
  const { argv, folder, environment } = program;
  const [file = "", ...args] = argv;
  const child = spawn(file, args, { cwd: folder, env: environment, detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  }
  const end = once(child, "close");
  await Promise.race([end, sleep(ms)]);
  const pid = child.pid ?? 0;
  const isSupervised = random.below(2) === 0;
  if (child.exitCode === null && isSupervised) signalAll(treeOf(pid).toReversed(), "SIGTERM");
  else if (child.exitCode === null) process.kill(-pid, "SIGINT");
  await end;
  const isGood = GOOD_ENDS.has(child.exitCode ?? child.signalCode);
  return isGood ? [] : [`ended with ${child.exitCode ?? child.signalCode}: ${said}`];
}

/** Done, something failed (an effect that was killed), interrupted, terminated, and the same before it could listen. */
const GOOD_ENDS = new Set<number | string | null>([0, 1, 130, 143, "SIGINT", "SIGTERM"]);

test.skipIf(obstacle !== null).each([
  [
    "Killed at any time, it is the same.",
    async (program: Program, ms: number): Promise<readonly string[]> => {
      await killedAfter(program, ms);
      return [];
    },
  ],
  ["Stopped at any time by Ctrl-C or a supervisor, it says so, and it is the same.", stoppedAfter],
])(
  "%s",
  async (_, ended) => {
    const faults: string[] = [];
    for (let kill = 0; kill < RANDOM_KILLS; kill += 1) {
      const sweep = random.pick(SWEEPS) ?? SWEEPS[0];
      if (sweep === undefined) continue;
      const ms = random.below(1_200);
      const found = [
        ...(await ended(await prepared(sweep), ms)),
        ...(await faultsAfterKill(company, sweep.sequel)),
      ];
      faults.push(...found.map((fault) => `${fault}\n  ${sweep.name} ended after ${ms} ms`));
    }

    expect(faults, `FETTLE_SEED=${SEED}`).toEqual([]);
  },
  60_000 + POINT_MS * RANDOM_KILLS,
);
