/** How long the program takes to start, beyond what Node takes. */
import { withinMs, type Row } from "./bar.ts";
import { inTurns } from "./measure.ts";
import { bareNode, fettle } from "./program.ts";
import { makeWorkspace } from "./workspace.ts";

/** 24 projects of two files, the settings and the agent. */
const PROJECTS = 24;

export async function benchStarts(rounds: number): Promise<readonly Row[]> {
  const workspace = makeWorkspace(PROJECTS);
  try {
    const [node = [], version = [], validate = []] = await inTurns(
      [bareNode, () => fettle("--version"), () => fettle("-C", workspace.folder, "validate")],
      rounds,
    );
    const beyond = version.map((ms, round) => ms - (node[round] ?? 0));
    return [
      withinMs("--version, beyond bare node", beyond, 15),
      withinMs("validate of 50 files", validate, 300),
    ];
  } finally {
    workspace.remove();
  }
}
