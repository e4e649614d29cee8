/** `npm run bench [-- part …]`: speed as ratios to a peer in the same run. Ends with 1 when a bar is missed. */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import { tableOf, type Row } from "./bar.ts";
import { benchCalls } from "./calls.ts";
import { benchContention } from "./contention.ts";
import { benchDurable } from "./durable.ts";
import { benchGateway } from "./gateway.ts";
import { benchGrowth } from "./growth.ts";
import { benchMemory } from "./memory.ts";
import { benchRemembering } from "./remembering.ts";
import { ROOT } from "./program.ts";
import { benchSpawns } from "./spawns.ts";
import { benchStarts } from "./starts.ts";
import { benchSteps } from "./steps.ts";
import { benchTicks } from "./ticks.ts";

const isQuick = process.argv.includes("--quick");
execFileSync(process.execPath, [join(ROOT, "build.ts")], { stdio: "inherit" });

const sizes = isQuick ? [10, 100] : [10, 100, 1000];
const parts: Readonly<Record<string, () => Promise<readonly Row[]> | readonly Row[]>> = {
  // First what makes small files durable: a disk is slower at that for minutes after many files were deleted.
  durable: () => benchDurable(isQuick ? 400 : 2000),
  calls: benchCalls,
  starts: () => benchStarts(isQuick ? 7 : 21),
  steps: () => benchSteps(isQuick ? 100 : 1000, isQuick ? 2 : 5),
  spawns: () => benchSpawns(isQuick ? 50 : 200, isQuick ? 2 : 5),
  contention: () => benchContention(isQuick ? 20 : 60),
  ticks: () => benchTicks({ sizes, huge: isQuick ? 300 : 10_000, rounds: isQuick ? 7 : 21 }),
  remembering: () => benchRemembering(isQuick ? 1 : 3),
  memory: () => benchMemory(isQuick ? [300] : [1000, 10_000, 100_000]),
  gateway: () => benchGateway(isQuick ? 100 : 300),
  growth: () =>
    benchGrowth(
      isQuick
        ? { small: 60, large: 600, huge: 900, days: 0.25 }
        : { small: 1000, large: 10_000, huge: 100_000, days: 2 },
    ),
};
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = asked.filter((name) => parts[name] === undefined);
if (unknown.length > 0) {
  throw new Error(`no part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
}

const rows: Row[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) rows.push(...(await part()));
}
const [cpu] = cpus();
process.stdout.write(
  `Node ${process.versions.node}, ${cpus().length} × ${cpu?.model ?? "unknown"}\n\n`,
);
process.stdout.write(tableOf(rows));
if (rows.some(({ verdict }) => verdict === "FAILS")) process.exitCode = 1;
