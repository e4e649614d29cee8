/** A workspace whose one pipeline makes a list and writes a letter for each entry, with an agent of the given runtime. */
import { fettle } from "./program.ts";
import type { BenchWorkspace } from "./workspace.ts";

const ITEM =
  "{ type: object, properties: { id: { type: string } }, required: [id], additionalProperties: false }";

const AGENTS = {
  /** Makes as many entries as it is asked for. */
  lister: `apiVersion: fettle/v1
version: 1.0.0
role: Lists.
runtime: { command: [node, agents/lister/main.mjs] }
inputs: { type: object, properties: { count: { type: integer } }, required: [count], additionalProperties: false }
outputs: { type: object, properties: { list: { type: array, items: ${ITEM} } }, required: [list], additionalProperties: false }
limits: { usd: 0, wall: 1m }
`,
  writer: (runtime: string) => `apiVersion: fettle/v1
version: 1.0.0
role: Writes a letter.
runtime: ${runtime}
inputs: { type: object, properties: { topic: { type: string } }, required: [topic], additionalProperties: false }
outputs: { type: object, properties: { body: { type: string } }, required: [body], additionalProperties: false }
limits: { usd: 0, wall: 1m }
`,
};

const PIPELINE = `apiVersion: fettle/v1
params: { count: { type: integer, default: 1 } }
maxParallel: 64
steps:
  - { id: list, agent: lister, with: { count: "\${{ params.count }}" } }
  - id: write
    agent: writer
    forEach: "\${{ steps.list.outputs.list }}"
    itemKey: "\${{ item.id }}"
    maxItems: 1000
    maxParallel: 64
    with: { topic: "\${{ item.id }}" }
`;

const LISTER = `import { readFileSync } from "node:fs";
const { inputs } = JSON.parse(readFileSync(0, "utf8"));
const list = Array.from({ length: inputs.count }, (_, index) => ({ id: \`entry-\${index}\` }));
process.stdout.write(JSON.stringify({ outputs: { list } }));
`;

/** A kilobyte of letter. */
const TEMPLATE = `Dear {{inputs.topic}},\n\n${"words that fill the letter ".repeat(38)}\n`;

/** What a program that writes such a letter does. */
const LETTER_SCRIPT = `cat > /dev/null; printf '{"outputs":{"body":"x"}}'`;

/** The same in Node. */
const LETTER_MODULE = `import { readFileSync } from "node:fs";
readFileSync(0);
process.stdout.write('{"outputs":{"body":"x"}}');
`;

export type WriterRuntime = "template" | "command" | "node";

const RUNTIMES: Readonly<Record<WriterRuntime, string>> = {
  template: "{ template: { body: body.hbs } }",
  command: "{ command: [sh, agents/writer/main.sh] }",
  node: "{ command: [node, agents/writer/main.mjs] }",
};

export function addLetters(workspace: BenchWorkspace, runtime: WriterRuntime): void {
  workspace.commit({
    "agents/lister/agent.yaml": AGENTS.lister,
    "agents/lister/main.mjs": LISTER,
    "agents/writer/agent.yaml": AGENTS.writer(RUNTIMES[runtime]),
    "agents/writer/body.hbs": TEMPLATE,
    "agents/writer/main.sh": `${LETTER_SCRIPT}\n`,
    "agents/writer/main.mjs": LETTER_MODULE,
    "projects/p0/pipelines/letters.yaml": PIPELINE,
  });
  fettle("-C", workspace.folder, "reconcile");
}

/** Asks for `count` letters; the next reconcile writes them. */
export function askForLetters({ folder }: BenchWorkspace, count: number): void {
  fettle("-C", folder, "run", "letters", "--set", `count=${count}`);
}

export function writeLetters({ folder }: BenchWorkspace): void {
  fettle("-C", folder, "--quiet", "reconcile");
}
