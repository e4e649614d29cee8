/** `npm run bench`: speed as ratios to a peer in the same run. Ends with 1 when a bar is missed. */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import { tableOf } from "./bar.ts";
import { benchCalls } from "./calls.ts";
import { benchDurable } from "./durable.ts";
import { ROOT } from "./program.ts";
import { benchStarts } from "./starts.ts";
import { benchTicks } from "./ticks.ts";

const isQuick = process.argv.includes("--quick");
execFileSync(process.execPath, [join(ROOT, "build.ts")], { stdio: "inherit" });

const rows = [
  ...benchCalls(),
  ...(await benchStarts(isQuick ? 7 : 21)),
  ...(await benchDurable(isQuick ? 400 : 2000)),
  ...(await benchTicks({ sizes: isQuick ? [10, 100] : [10, 100, 1000], rounds: isQuick ? 7 : 21 })),
];
const [cpu] = cpus();
process.stdout.write(
  `Node ${process.versions.node}, ${cpus().length} × ${cpu?.model ?? "unknown"}\n\n`,
);
process.stdout.write(tableOf(rows));
if (rows.some(({ verdict }) => verdict === "FAILS")) process.exitCode = 1;
