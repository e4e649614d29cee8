/** System calls that one durable commit costs, counted by strace: forty commits less twenty, over twenty. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { counted, reported, type Row } from "./bar.ts";
import { ROOT, run } from "./program.ts";
import { ENVIRONMENT, makeWorkspace } from "./workspace.ts";

const FEW = 20;

interface Calls {
  readonly syncs: number;
  readonly programs: number;
}

export function benchCalls(): readonly Row[] {
  if (spawnSync("strace", ["-V"], { env: ENVIRONMENT }).status !== 0) {
    return [reported("fsyncs and processes per commit", "strace is not installed")];
  }
  const [few, many] = [callsOf(FEW), callsOf(2 * FEW)];
  return [
    counted("fsyncs per durable commit", (many.syncs - few.syncs) / FEW, 5),
    counted("processes started per durable commit", (many.programs - few.programs) / FEW, 0),
  ];
}

function callsOf(steps: number): Calls {
  const workspace = makeWorkspace(1);
  try {
    const log = join(workspace.folder, ".git", "calls");
    const probe = join(ROOT, "bench", "commit-probe.ts");
    const traced = ["-f", "-e", "trace=execve,fsync,fdatasync", "-o", log];
    run("strace", [...traced, process.execPath, probe, workspace.folder, String(steps)]);
    const lines = readFileSync(log, "utf8").split("\n");
    return {
      syncs: lines.filter((line) => /\bf(?:data)?sync\(/.test(line)).length,
      programs: lines.filter((line) => /\bexecve(?:\(| resumed>).* = 0$/.test(line)).length,
    };
  } finally {
    workspace.remove();
  }
}
