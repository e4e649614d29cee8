/** Steps whose agent is a program, through the whole loop, beside a loop that only starts the same program with the same input. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { atMost, type Row } from "./bar.ts";
import { addLetters, askForLetters, writeLetters, type WriterRuntime } from "./letters.ts";
import { median, timed } from "./measure.ts";
import { ROOT } from "./program.ts";
import { ENVIRONMENT, makeWorkspace, type BenchWorkspace } from "./workspace.ts";

/** As many steps as the loop executes beside each other. */
const PLACES = 8;
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
      bare.push(spawnAll(argv, cwd, steps) / steps);
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

/** Milliseconds of the loop. */
function spawnAll(argv: readonly string[], cwd: string, steps: number): number {
  const script = join(ROOT, "bench", "spawn-loop.ts");
  const args = [script, cwd, String(steps), String(PLACES), ...argv];
  return Number(execFileSync(process.execPath, args, { env: ENVIRONMENT, encoding: "utf8" }));
}
