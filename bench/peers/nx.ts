/**
 * The same DAG as targets of an nx workspace: one project for each step, all started by one `nx run-many`. It keeps what came
 * of each target, as fettle does; every round asks for something new.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { timed } from "../measure.ts";
import type { DagStep } from "../dag.ts";
import { ENVIRONMENT } from "../workspace.ts";

const PEERS = import.meta.dirname;

export interface NxWorkspace {
  /** Milliseconds that one step more adds. */
  readonly stepMs: () => Promise<number>;
  readonly remove: () => void;
}

export function nxWorkspace(dag: readonly DagStep[], beside: number): NxWorkspace {
  const folder = mkdtempSync(join(tmpdir(), "fettle-peer-nx-"));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write("nx.json", "{}");
  write("package.json", '{ "name": "letters", "private": true }');
  write("main.sh", `cat > /dev/null; printf '{"outputs":{"body":"x"}}'\n`);
  for (const step of dag) write(`${step.id}/project.json`, projectText(step));
  symlinkSync(join(PEERS, "node_modules"), join(folder, "node_modules"));
  let round = 0;
  const runSteps = (projects: string): void => {
    round += 1;
    const nx = join(PEERS, "node_modules", "nx", "dist", "bin", "nx.js");
    const args = ["run-many", "--targets=write", `--projects=${projects}`, `--parallel=${beside}`];
    const nxSays = { NX_DAEMON: "false", NX_CACHE_PROJECT_GRAPH: "true", CI: "true" };
    const env = { ...ENVIRONMENT, ...nxSays, ROUND: `${round}` };
    execFileSync(process.execPath, [nx, ...args], {
      cwd: folder,
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
  };
  const stepMs = async (): Promise<number> => {
    const one = await timed(() => runSteps("s0"));
    const all = await timed(() => runSteps("s*"));
    return (all - one) / (dag.length - 1);
  };
  return { stepMs, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function projectText({ id, needs }: DagStep): string {
  const write = {
    executor: "nx:run-commands",
    cache: true,
    inputs: [{ env: "ROUND" }],
    dependsOn: [{ projects: needs, target: "write" }],
    options: { command: "sh main.sh < /dev/null" },
  };
  return JSON.stringify({ name: id, targets: { write } });
}
