/** Claude Code: `claude -p`, one JSON record a line. */
import {
  type CliFailure,
  type CodingAgentCli,
  failureOf,
  type LaunchOrder,
} from "./coding-agent-cli.ts";
import { type Line, listAt, numberAt, textAt, valueAt } from "./json-lines.ts";

const READING = ["Read", "Glob", "Grep"];

/** `--dangerously-skip-permissions` is never used: it refuses to run as root, and hides what was denied. */
const PERMISSIONS = {
  "read-only": { mode: "dontAsk", tools: READING, allowed: [] },
  edit: { mode: "acceptEdits", tools: [...READING, "Edit", "Write"], allowed: [] },
  full: { mode: "acceptEdits", tools: [...READING, "Edit", "Write", "Bash"], allowed: ["Bash"] },
} as const;

export const CLAUDE: CodingAgentCli = {
  program: "claude",
  launch: (order) => ({
    args: argsOf(order),
    env: {
      ANTHROPIC_BASE_URL: order.baseUrl,
      ANTHROPIC_API_KEY: order.key,
      // Whatever it wants a small model for, there is this one.
      ANTHROPIC_SMALL_FAST_MODEL: order.model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: order.model,
      // Retries are the runner's: its own go on for a minute after a key was refused.
      CLAUDE_CODE_MAX_RETRIES: "0",
      // What it may think has to be reserved before each request; its own 32,000 tokens would not fit below most caps.
      MAX_THINKING_TOKENS: "4000",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      DISABLE_ERROR_REPORTING: "1",
      DISABLE_TELEMETRY: "1",
    },
    files: {},
  }),
  report: (lines) => {
    const last = lines.findLast((line) => line["type"] === "result");
    const failure = last === undefined ? undefined : failureIn(last);
    const structured = valueAt(last, "structured_output");
    const reportedUsd = numberAt(last, "total_cost_usd");
    return {
      isComplete: last !== undefined,
      text: textAt(last, "result"),
      denials: listAt(last, "permission_denials").map(denialOf),
      ...(structured === undefined ? {} : { structured }),
      ...(failure === undefined ? {} : { failure }),
      ...(reportedUsd === undefined ? {} : { reportedUsd }),
    };
  },
  sessions: {
    pattern: /^\.claude\/projects\/[^/]+\/(?<id>[0-9a-f-]{36})\.jsonl$/u,
    placeOf: ({ id }, work) =>
      `.claude/projects/${work.replace(/[^A-Za-z0-9]/gu, "-")}/${id}.jsonl`,
  },
};

function argsOf(order: LaunchOrder): readonly string[] {
  const { mode, tools, allowed } = PERMISSIONS[order.permissions];
  return [
    "-p",
    "--safe-mode",
    "--restricted",
    "--strict-mcp-config",
    "--output-format",
    "stream-json",
    "--verbose",
    "--model",
    order.model,
    "--permission-mode",
    mode,
    "--permission-prompts",
    "none",
    "--tools",
    tools.join(","),
    ...(allowed.length === 0 ? [] : ["--allowedTools", allowed.join(",")]),
    ...(order.schema === null ? [] : ["--json-schema", JSON.stringify(order.schema)]),
    ...(order.maxUsd === null ? [] : ["--max-budget-usd", String(order.maxUsd)]),
    ...(order.maxTurns === null ? [] : ["--max-turns", String(order.maxTurns)]),
    ...(order.session === null ? [] : ["--resume", order.session]),
  ];
}

/** `subtype` says success of a prompt that was too long: the error flag and the reason of the end decide. */
function failureIn(last: Line): CliFailure | undefined {
  const reason = textAt(last, "terminal_reason");
  if (last["is_error"] !== true && reason === "completed") return undefined;
  const said = textAt(last, "result") || listAt(last, "errors").map(String).join("; ");
  switch (reason) {
    case "max_turns":
      return { outcome: "no-progress", reason: said };
    case "budget_exhausted":
      return { outcome: "budget-exhausted", reason: said };
    case "prompt_too_long":
      return { outcome: "context-overflow", reason: said };
    default:
      return failureOf(numberAt(last, "api_error_status"), said || `it ended with ${reason}`);
  }
}

function denialOf(denial: unknown): string {
  const input = JSON.stringify(valueAt(denial, "tool_input") ?? {}).slice(0, 150);
  return `${textAt(denial, "tool_name")} ${input}`;
}
