/** Gemini CLI: `gemini -o stream-json`, one event a line. */
import { type CliFailure, type CodingAgentCli, failureOf } from "./coding-agent-cli.ts";
import { type Line, textAt } from "./json-lines.ts";

const MODES = { "read-only": "default", edit: "auto_edit", full: "yolo" } as const;

/** Retries are the runner's; searches are answered by the provider and never pass the gateway as tokens. */
const SETTINGS = {
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false, maxAttempts: 1 },
  privacy: { usageStatisticsEnabled: false },
  security: { auth: { selectedType: "gemini-api-key" } },
  telemetry: { enabled: false },
  tools: { exclude: ["google_web_search", "web_fetch"] },
};

export const GEMINI: CodingAgentCli = {
  program: "gemini",
  launch: ({ model, permissions, baseUrl, key, maxTurns, session }) => ({
    args: [
      "--output-format",
      "stream-json",
      "--model",
      model,
      "--approval-mode",
      MODES[permissions],
      ...(session === null ? [] : ["--resume", "latest"]),
    ],
    env: {
      GOOGLE_GEMINI_BASE_URL: baseUrl,
      GEMINI_API_KEY: key,
      GEMINI_CLI_TRUST_WORKSPACE: "true",
    },
    files: {
      ".gemini/settings.json": JSON.stringify({
        ...SETTINGS,
        ...(maxTurns === null ? {} : { model: { maxSessionTurns: maxTurns } }),
      }),
    },
  }),
  report: (lines) => {
    const last = lines.findLast(({ type }) => type === "result");
    const failure = last === undefined ? undefined : failureIn(last);
    return {
      isComplete: last !== undefined,
      text: lastMessage(lines),
      denials: denialsIn(lines),
      ...(failure === undefined ? {} : { failure }),
    };
  },
  sessions: {
    pattern: /^\.gemini\/tmp\/[^/]+\/chats\/session-[^/]*-(?<id>[0-9a-f]{8})\.jsonl$/u,
    // Named by the folder's last name, which is the same for every attempt.
    placeOf: ({ path }) => path,
  },
};

/** What it said after its last tool, put together from its pieces. */
function lastMessage(lines: readonly Line[]): string {
  const tool = lines.findLastIndex(({ type }) => type === "tool_use" || type === "tool_result");
  return lines
    .slice(tool + 1)
    .filter(({ type, role }) => type === "message" && role === "assistant")
    .map((line) => textAt(line, "content"))
    .join("");
}

function failureIn(last: Line): CliFailure | undefined {
  if (last["status"] === "success") return undefined;
  const message = textAt(last, "error", "message");
  const status = /"code":(\d{3})/u.exec(message)?.[1];
  const said = /"message":"((?:[^"\\]|\\.)*)"/u.exec(message)?.[1];
  if (textAt(last, "error", "type") === "FatalTurnLimitedError") {
    return { outcome: "no-progress", reason: message };
  }
  return failureOf(status === undefined ? undefined : Number(status), said ?? message);
}

/** Tools that its mode leaves out are unknown to it; a call of one is what was denied. */
const KEPT_BACK = ["write_file", "replace", "run_shell_command"];

function denialsIn(lines: readonly Line[]): readonly string[] {
  return lines.flatMap((line) => {
    if (line["type"] !== "tool_result" || line["status"] !== "error") return [];
    const use = lines.find(
      ({ type, tool_id: id }) => type === "tool_use" && id === line["tool_id"],
    );
    const tool = textAt(use, "tool_name");
    const message = textAt(line, "error", "message");
    const isKeptBack =
      textAt(line, "error", "type") === "tool_not_registered" && KEPT_BACK.includes(tool);
    const isOutside = message.startsWith("Path not in workspace");
    const isPolicy = textAt(line, "error", "type") === "policy_violation";
    return isKeptBack || isOutside || isPolicy ? [`${tool}: ${message.slice(0, 150)}`] : [];
  });
}
