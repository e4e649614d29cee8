/** What `fettle init` writes by itself; everything else is copied from the example. */
import type { Person } from "./workspace-files.ts";

interface Facts {
  /** Name of the folder. */
  readonly folder: string;
  readonly who: Person;
  readonly timezone: string;
}

/** Text by path. */
export function initFiles(facts: Facts): ReadonlyMap<string, string> {
  return new Map([
    ["fettle.yaml", settings(facts)],
    ["README.md", readme],
    ["AGENTS.md", agents],
    [".gitignore", ignored],
    [".vscode/settings.json", editor],
    [".vscode/extensions.json", `${JSON.stringify({ recommendations: ["redhat.vscode-yaml"] })}\n`],
  ]);
}

function settings({ folder, who, timezone }: Facts): string {
  const name = /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/u.test(folder) ? `name: "${folder}"\n` : "";
  return `# yaml-language-server: $schema=schemas/workspace.schema.json
apiVersion: fettle/v1
${name}timezone: ${timezone}

# Whose merges count as approvals.
operators: [{ email: ${JSON.stringify(who.email)} }]

# How risk (0 to 100) decides at a gate: below autoBelow it goes on, from gateFrom on you are asked.
policy:
  autoBelow: 25
  gateFrom: 60
  rules: [{ when: "action.effects == 'external'", add: 40 }]

budget: [{ per: month, usd: 10, warnAt: 0.8 }]

# A model on your own machine (Ollama); nothing needs it until an agent of yours does.
models:
  default:
    provider: openai-compatible
    baseUrl: http://127.0.0.1:11434/v1
    model: qwen3
    price: zero

# Names only. Without SMTP_URL in the environment mails are laid into projects/<name>/outbox.
secrets:
  SMTP_URL: { env: SMTP_URL, agents: [mailer], optional: true }
`;
}

const readme = `# My company

What shall be done stands in \`projects/\`, who does it in \`agents/\`, what holds for all in \`fettle.yaml\`.
\`fettle plan\` shows what is due and why, \`fettle reconcile\` does it, \`fettle approve\` lists what waits for you.
What counts is what is committed on main; what happened is recorded on the branch \`fettle/state\`.
`;

const agents = `# For whoever edits this repository

- The manifests are \`fettle.yaml\`, \`projects/*/project.yaml\`, \`projects/*/pipelines/*.yaml\` and
  \`agents/*/agent.yaml\`. Each names its JSON Schema in the first line: read that before you write keys.
- After every edit run \`fettle validate\`; commit when it finds nothing. \`fettle plan\` shows what the commit will cause.
- Expressions in \`\${{ }}\` are CEL. A field that may be missing needs \`has()\` or \`orValue()\`.
- An agent is a program that reads JSON from standard input and writes JSON to standard output. When its inputs or
  outputs change, raise its \`version\`.
- Agents with \`effects: external\` need \`once\` and \`compensate\` at every step that uses them.
- Never edit the branches \`fettle/state\` and \`fettle/payload/*\` by hand. In a branch \`fettle/gate/*\` the operator may
  edit and delete what is proposed before merging it; do so only when asked, and never approve a gate: approvals are theirs.
- Secrets never stand in files; \`fettle.yaml\` only names environment variables.
`;

const ignored = `.env
.DS_Store
node_modules/
`;

const editor = `${JSON.stringify(
  {
    "yaml.schemas": {
      "./schemas/workspace.schema.json": ["fettle.yaml"],
      "./schemas/project.schema.json": ["projects/*/project.yaml"],
      "./schemas/pipeline.schema.json": ["projects/*/pipelines/*.yaml"],
      "./schemas/agent.schema.json": ["agents/*/agent.yaml"],
    },
  },
  null,
  2,
)}\n`;
