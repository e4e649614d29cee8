/** `fettle init <folder>`: a fresh workspace, ready to reconcile. */
import { existsSync, mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import {
  commitPaths,
  copyMissing,
  identityIn,
  initRepository,
  writeMissing,
  type Person,
} from "./workspace-files.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

const COPIED = [
  "schemas",
  "agents/brief-collector",
  "agents/brief-writer",
  "agents/mailer",
  "projects/weekly-brief/project.yaml",
  "projects/weekly-brief/pipelines",
];

export async function initVerb(context: VerbContext, target: string): Promise<Answer> {
  const folder = resolve(context.start, target);
  if (existsSync(join(folder, "fettle.yaml"))) {
    const text = `nothing to do: ${folder} is a workspace already\n`;
    return { exit: "ok", text, json: { folder, written: [] } };
  }
  mkdirSync(folder, { recursive: true });
  const who = await identityIn(folder);
  if (who === null) {
    const hint = 'git config --global user.name "…" && git config --global user.email "…"';
    return refused("usage", "git does not know who you are", hint);
  }
  await initRepository(folder, null);
  const written = [
    ...writeMissing(folder, "fettle.yaml", settingsText(who)),
    ...writeMissing(folder, ".vscode/settings.json", editorText()),
    ...copyMissing(context.programFolder, folder, COPIED),
  ];
  await commitPaths(folder, written, "Start the workspace");
  return { exit: "ok", text: doneText(context, folder, written), json: { folder, written } };
}

function settingsText({ email }: Person): string {
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `# yaml-language-server: $schema=schemas/workspace.schema.json
apiVersion: fettle/v1
timezone: ${timezone}
operators: [{ email: ${JSON.stringify(email)} }]
attention: { reviewsPerDay: 5 }
policy:
  autoBelow: 25
  gateFrom: 60
  rules: [{ when: "action.effects == 'external'", add: 40 }]
budget: [{ per: month, usd: 10, warnAt: 0.8 }]
models:
  default:
    provider: openai-compatible
    baseUrl: http://127.0.0.1:11434/v1
    model: qwen3
    price: zero
secrets:
  SMTP_URL: { env: SMTP_URL, agents: [mailer], optional: true }
`;
}

function editorText(): string {
  const schemas = {
    "./schemas/workspace.schema.json": ["fettle.yaml"],
    "./schemas/project.schema.json": ["projects/*/project.yaml"],
    "./schemas/pipeline.schema.json": ["projects/*/pipelines/*.yaml"],
    "./schemas/agent.schema.json": ["agents/*/agent.yaml"],
  };
  return `${JSON.stringify({ "yaml.schemas": schemas }, null, 2)}\n`;
}

function doneText(context: VerbContext, folder: string, written: readonly string[]): string {
  const program = `${context.program} -C ${relative(context.start, folder) || "."}`;
  const next = [
    [`${program} validate`, "check the files"],
    [`${program} plan`, "see what would run, and why"],
    [`${program} run brief`, "ask for the first weekly brief"],
    [`${program} reconcile`, "do it"],
  ];
  const width = Math.max(...next.map(([command = ""]) => command.length));
  return [
    `made a workspace in ${folder}`,
    ...written.map((path) => `  ${path}`),
    "Next",
    ...next.map(([command = "", what = ""]) => `  ${command.padEnd(width)}   ${what}`),
    "",
  ].join("\n");
}
