/** Steps whose agent is a program, through the whole loop, beside a loop that only starts the same program with the same input. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { atMost, type Row } from "./bar.ts";
import { addLetters, askForLetters, writeLetters, type WriterRuntime } from "./letters.ts";
import { median, timed } from "./measure.ts";
import { ENVIRONMENT, makeWorkspace, range, type BenchWorkspace } from "./workspace.ts";

/** As many steps as the loop executes beside each other. */
const PLACES = 8;
/** About what an agent is given on standard input. */
const REQUEST = JSON.stringify({
  inputs: { topic: "entry-0" },
  memory: [],
  project: { name: "p" },
});

export async function benchSpawns(steps: number, rounds: number): Promise<readonly Row[]> {
  return [
    await spawnRow({ runtime: "node", argv: ["node", "main.mjs"], steps, rounds }),
    await spawnRow({ runtime: "command", argv: ["sh", "main.sh"], steps, rounds }),
  ];
}

interface Contest {
  readonly runtime: WriterRuntime;
  readonly argv: readonly [string, ...string[]];
  readonly steps: number;
  readonly rounds: number;
}

async function spawnRow({ runtime, argv, steps, rounds }: Contest): Promise<Row> {
  const workspace = makeWorkspace(1);
  try {
    addLetters(workspace, runtime);
    const cwd = join(workspace.folder, "agents", "writer");
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      bare.push((await timed(() => spawnAll(argv, cwd, steps))) / steps);
      ours.push(await spawnedStepMs(workspace, steps));
    }
    const what = `${steps} steps that start \`${argv.join(" ")}\`, a step (${median(ours).toFixed(1)} ms)`;
    const loop = `a loop that starts it, ${PLACES} at a time (${median(bare).toFixed(1)} ms)`;
    const ratios = ours.map((ms, round) => ms / (bare[round] ?? Number.NaN));
    return atMost(`${what}, to ${loop}`, ratios, 1.5);
  } finally {
    workspace.remove();
  }
}

/** Milliseconds that one step more adds to a tick. */
export async function spawnedStepMs(workspace: BenchWorkspace, steps: number): Promise<number> {
  askForLetters(workspace, 1);
  const one = await timed(() => writeLetters(workspace));
  askForLetters(workspace, steps);
  const all = await timed(() => writeLetters(workspace));
  return (all - one) / (steps - 1);
}

async function spawnAll(
  argv: readonly [string, ...string[]],
  cwd: string,
  count: number,
): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await spawnOne(argv, cwd);
    }
  };
  await Promise.all(range(PLACES).map(worker));
}

function spawnOne([file, ...args]: readonly [string, ...string[]], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: ENVIRONMENT, stdio: ["pipe", "pipe", "pipe"] });
    child.stdout.resume();
    child.stderr.resume();
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${file} ended with ${code}`)),
    );
    child.stdin.end(REQUEST);
  });
}
