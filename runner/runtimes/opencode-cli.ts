/** opencode: `opencode run --format json`, one event a line. */
import {
  type CliFailure,
  type CodingAgentCli,
  failureOf,
  type LaunchOrder,
} from "./coding-agent-cli.ts";
import { type Line, numberAt, textAt } from "./json-lines.ts";

const CONFIG = ".config/opencode/opencode.json";

const PERMISSIONS = {
  "read-only": { edit: "deny", bash: "deny" },
  edit: { edit: "allow", bash: "deny" },
  full: { edit: "allow", bash: "allow" },
} as const;

export const OPENCODE: CodingAgentCli = {
  program: "opencode",
  launch: (order) => ({
    args: [
      "run",
      "--pure",
      "--format",
      "json",
      "--model",
      `fettle/${order.model}`,
      // Without a title it asks the model for one.
      "--title",
      "fettle",
    ],
    env: {
      OPENCODE_CONFIG: `${order.home}/${CONFIG}`,
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
    },
    files: { [CONFIG]: JSON.stringify(configOf(order)) },
  }),
  report: (lines) => {
    const failure = failureIn(lines);
    const end = lines.findLast(({ type }) => type === "step_finish");
    const cost = lines.map((line) => numberAt(line, "part", "cost") ?? 0);
    return {
      isComplete: failure !== undefined || textAt(end, "part", "reason") === "stop",
      text: lastText(lines),
      denials: denialsIn(lines),
      ...(failure === undefined ? {} : { failure }),
      reportedUsd: cost.reduce((sum, one) => sum + one, 0),
    };
  },
  // What it remembers stands in a database, not in a transcript that could be carried along.
  sessions: null,
};

function configOf({ model, baseUrl, key, permissions }: LaunchOrder): object {
  return {
    autoupdate: false,
    share: "disabled",
    snapshot: false,
    enabled_providers: ["fettle"],
    model: `fettle/${model}`,
    small_model: `fettle/${model}`,
    permission: {
      ...PERMISSIONS[permissions],
      external_directory: "deny",
      webfetch: "deny",
      websearch: "deny",
    },
    provider: {
      fettle: {
        npm: "@ai-sdk/openai-compatible",
        name: "fettle",
        options: { baseURL: baseUrl, apiKey: key },
        models: { [model]: { name: model } },
      },
    },
  };
}

/** What it said after its last step began. */
function lastText(lines: readonly Line[]): string {
  const start = lines.findLastIndex(({ type }) => type === "step_start");
  return lines
    .slice(start + 1)
    .filter(({ type }) => type === "text")
    .map((line) => textAt(line, "part", "text"))
    .join("");
}

function failureIn(lines: readonly Line[]): CliFailure | undefined {
  const error = lines.findLast(({ type }) => type === "error");
  if (error === undefined) return undefined;
  const message = textAt(error, "error", "data", "message") || textAt(error, "error", "name");
  return failureOf(numberAt(error, "error", "data", "statusCode"), message);
}

/** A tool that its permissions leave out is unavailable to it; a call of one is what was denied. */
const DENIED = /^The user (?:has specified a rule which prevents|rejected permission)/u;
const KEPT_BACK = /unavailable tool '(?:write|edit|apply_patch|patch|bash|webfetch)'/u;

function denialsIn(lines: readonly Line[]): readonly string[] {
  return lines.flatMap((line) => {
    if (line["type"] !== "tool_use") return [];
    const tool = textAt(line, "part", "tool");
    const error = textAt(line, "part", "state", "error");
    const output = textAt(line, "part", "state", "output");
    if (DENIED.test(error)) return [`${tool}: ${error.slice(0, 80)}`];
    const keptBack = tool === "invalid" ? KEPT_BACK.exec(output)?.[0] : undefined;
    return keptBack === undefined ? [] : [keptBack];
  });
}
