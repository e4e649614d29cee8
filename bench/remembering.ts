/** Four runners that remember at the same time, over HTTP: what is lost on the way to main, and what a person would have to resolve. */
import { execFileSync } from "node:child_process";
import { counted, type Row } from "./bar.ts";
import { fettle, makeCrew, RUNNERS } from "./crew.ts";
import { ENVIRONMENT, makeWorkspace, range, type BenchWorkspace } from "./workspace.ts";

/** As many as a run may. */
const RECORDS = 20;
const MOST_ROUNDS = 20;

const SCRIBE = `apiVersion: fettle/v1
version: 1.0.0
role: Remembers.
runtime: { command: [node, agents/scribe/main.mjs] }
inputs: { type: object, properties: { of: { type: string } }, required: [of], additionalProperties: false }
outputs: { type: object, additionalProperties: false }
limits: { usd: 0, wall: 1m }
memory: { writes: [fact] }
`;

const MAIN = `import { readFileSync } from "node:fs";
const { of } = JSON.parse(readFileSync(0, "utf8")).inputs;
const memory = Array.from({ length: ${RECORDS} }, (_, at) => ({
  kind: "fact", subject: "letter/" + of, text: "Letter " + at + " of " + of + " was posted.",
}));
process.stdout.write(JSON.stringify({ outputs: {}, memory }));
`;

const PIPELINE = `apiVersion: fettle/v1
steps:
  - { id: note, agent: scribe, with: { of: "\${{ run.id }}" } }
`;

export async function benchRemembering(runs: number): Promise<readonly Row[]> {
  const workspace = makeWorkspace(RUNNERS);
  hireScribe(workspace);
  const { clones, at, close } = await makeCrew(workspace);
  try {
    const [first = ""] = clones;
    for (const project of range(RUNNERS * runs)) {
      await fettle(first, ["run", `p${project % RUNNERS}/notes`]);
    }
    const asked = RUNNERS * runs * RECORDS;
    const onMain = (): number => recordsIn(at("origin.git"));
    for (let round = 0; round < MOST_ROUNDS && onMain() < asked; round += 1) {
      await Promise.all(clones.map((clone) => fettle(clone, ["reconcile"])));
    }
    const what = `${RUNNERS} runners remember at once, one main over HTTP, ${asked} records`;
    const checked: { readonly findings: readonly unknown[] } = JSON.parse(
      await fettle(first, ["memory", "lint", "--json"]),
    );
    return [
      counted(`${what}: lost`, asked - onMain(), 0),
      counted(`${what}: records that contradict or repeat others`, checked.findings.length, 0),
      counted(`${what}: files in conflict, in all clones`, sum(clones.map(unmerged)), 0),
    ];
  } finally {
    await close();
  }
}

function hireScribe(workspace: BenchWorkspace): void {
  const names = range(RUNNERS).map((project) => `projects/p${project}/pipelines/notes.yaml`);
  workspace.commit({
    "agents/scribe/agent.yaml": SCRIBE,
    "agents/scribe/main.mjs": MAIN,
    ...Object.fromEntries(names.map((name) => [name, PIPELINE])),
  });
}

function recordsIn(origin: string): number {
  return linesOf(["-C", origin, "ls-tree", "-r", "--name-only", "main", "memory/"]).length;
}

function unmerged(clone: string): number {
  return linesOf(["-C", clone, "ls-files", "--unmerged"]).length;
}

function linesOf(args: readonly string[]): readonly string[] {
  const text = execFileSync("git", args, { env: ENVIRONMENT, encoding: "utf8" });
  return text.split("\n").filter((line) => line !== "");
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
