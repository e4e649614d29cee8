/** Real processes with clones of their own on one origin, killed and stopped again and again. */
import { expect, onTestFinished, test } from "vitest";
import type { Desk } from "../../e2e/program.ts";
import { Random } from "../simulation/random.ts";
import { Crew, type CrewSize } from "./crew.ts";
import { isDone, operate, tipOf, trouble, type Tally } from "./trouble.ts";

const SEED = Number(process.env["FETTLE_SEED"] ?? 1);
/** Troubled ticks of each runner. */
const ROUNDS = Number(process.env["FETTLE_ROUNDS"] ?? 5);
const IS_LONG = process.env["FETTLE_ROUNDS"] !== undefined;

const CREWS: readonly CrewSize[] = IS_LONG
  ? [
      { transport: "file", runners: 8, keys: 120 },
      { transport: "http", runners: 4, keys: 100 },
    ]
  : [{ transport: "http", runners: 3, keys: 20 }];

const TEN_MINUTES = 600_000;
const MOST_QUIET_ROUNDS = 14;

/**
 * Without trouble everything that was begun comes to its end, and everybody sees it; the operator says what became of what is in
 * doubt, which is returned. It is over when nobody has had anything to do for a whole round: the last one at work may leave a
 * doubt that the first one has not seen yet.
 */
async function peace(crew: Crew): Promise<readonly string[]> {
  const doubts: string[] = [];
  for (let round = 0; round < MOST_QUIET_ROUNDS; round += 1) {
    const before = await tipOf(crew.origin);
    for (const runner of crew.clones) {
      crew.leap(TEN_MINUTES);
      const tick = await runner.run(["reconcile"], { environment: crew.environment });
      // 1: a run has failed, because of what is in doubt.
      if (tick.code !== 0 && tick.code !== 1) throw new Error(`${tick.code}: ${tick.stderr}`);
    }
    doubts.push(...(await answer(crew)));
    if ((await tipOf(crew.origin)) === before && (await isDone(crew))) break;
    await operate(crew, 1);
  }
  return doubts;
}

/** Another run may wait for the same key, until an operator has answered. */
async function answer({ clones, sent, environment }: Crew): Promise<readonly string[]> {
  const [first] = clones;
  if (first === undefined) return [];
  const doubts = await doubtsOf(first);
  for (const name of doubts) {
    const word = sent.includes(name) ? "happened" : "did-not";
    const said = await first.run(["answer", `mail/${name}`, word], { environment });
    if (said.code !== 0) throw new Error(`answer ${name}: ${said.stderr}`);
  }
  return doubts;
}

interface Doubt {
  readonly onceKey: string;
}

async function doubtsOf(runner: Desk): Promise<readonly string[]> {
  const { stdout } = await runner.fettle("answer", "--json");
  const doubts: readonly Doubt[] = JSON.parse(stdout);
  return doubts.map(({ onceKey }) => onceKey.replace("mail/", ""));
}

/** Acknowledged tips that are not part of the history. */
async function lost({ origin }: Crew, { acknowledged }: Tally): Promise<readonly string[]> {
  const history = new Set((await origin.git("rev-list", "fettle/state")).split("\n"));
  return [...acknowledged].filter((tip) => !history.has(tip));
}

function tell(crew: Crew, tally: Tally, doubts: number): void {
  const { size, sent, pushes } = crew;
  const perPush = (pushes.begun / Math.max(1, pushes.accepted)).toFixed(2);
  const told = `${tally.kills} kills, ${tally.stops} stops, ${tally.edits} edits; ${sent.length} effects, ${doubts} in doubt; ${perPush} attempts per push`;
  process.stdout.write(
    `${size.runners} runners over ${size.transport}, ${size.keys} keys: ${told}\n`,
  );
}

// Whole process trees are found by /proc.
test.skipIf(process.platform !== "linux").each(CREWS)(
  "However often runners are killed and stopped, no effect happens twice, nothing acknowledged is lost, and everything ends.",
  async (size) => {
    const crew = await Crew.gather(size);
    onTestFinished(() => crew.disband());
    const [first = crew.operator] = crew.clones;
    for (const name of crew.pipelines)
      expect(await first.fettle("run", name)).toMatchObject({ code: 0 });

    const tally = await trouble(crew, {
      random: new Random(SEED),
      rounds: ROUNDS,
      firstPatienceMs: 2_500,
    });
    const doubts = await peace(crew);

    tell(crew, tally, doubts.length);
    const { sent } = crew;
    expect(
      sent.filter((name, index) => sent.indexOf(name) !== index),
      `FETTLE_SEED=${SEED}`,
    ).toEqual([]);
    expect(await doubtsOf(first)).toEqual([]);
    expect([...new Set([...sent, ...doubts])].toSorted()).toEqual(crew.keys.toSorted());
    expect(await lost(crew, tally)).toEqual([]);
    expect(await isDone(crew)).toBe(true);
    for (const clone of crew.clones) {
      expect(await clone.fettle("verify")).toMatchObject({ code: 0, stderr: expect.any(String) });
      expect(await clone.git("fsck", "--no-dangling", "--no-progress")).toBe("");
      expect(await clone.git("status", "--porcelain")).toBe("");
      expect(await tipOf(clone)).toBe(await tipOf(crew.origin));
    }
  },
  IS_LONG ? 3_600_000 : 180_000,
);
