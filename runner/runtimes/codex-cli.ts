/** Codex: `codex exec --json`, one event a line. */
import {
  type CliFailure,
  type CodingAgentCli,
  failureOf,
  type LaunchOrder,
} from "./coding-agent-cli.ts";
import { type Line, textAt, valueAt } from "./json-lines.ts";
import { isStrictSchema } from "./strict-schema.ts";

const SANDBOX = {
  "read-only": "read-only",
  edit: "workspace-write",
  full: "danger-full-access",
} as const;
const SCHEMA = "answer.schema.json";

export const CODEX: CodingAgentCli = {
  program: "codex",
  launch: (order) => {
    const { schema, session, home } = order;
    const isTold = schema !== null && isStrictSchema(schema);
    return {
      args: [
        "exec",
        "--json",
        "--skip-git-repo-check",
        ...(isTold ? ["--output-schema", `${home}/${SCHEMA}`] : []),
        ...(session === null ? [] : ["resume", session]),
        "-",
      ],
      env: { CODEX_HOME: `${home}/.codex`, FETTLE_MODEL_KEY: order.key },
      files: {
        ".codex/config.toml": configOf(order),
        ...(isTold ? { [SCHEMA]: JSON.stringify(schema) } : {}),
      },
    };
  },
  report: (lines) => {
    const failure = failureIn(lines);
    const messages = itemsOf(lines).filter((item) => textAt(item, "type") === "agent_message");
    return {
      isComplete: failure !== undefined || lines.some(({ type }) => type === "turn.completed"),
      text: textAt(messages.at(-1), "text"),
      denials: itemsOf(lines)
        .filter((item) => textAt(item, "status") === "declined")
        .map((item) => `${textAt(item, "type")} ${textAt(item, "command")}`.trim()),
      ...(failure === undefined ? {} : { failure }),
    };
  },
  sessions: {
    pattern: /^\.codex\/sessions\/\d+\/\d+\/\d+\/rollout-[^/]*-(?<id>[0-9a-f-]{36})\.jsonl$/u,
    placeOf: ({ path }) => path,
  },
};

/** Web searches are answered by the provider and never pass the gateway as tokens: there are none. */
function configOf({ model, baseUrl, permissions }: LaunchOrder): string {
  return `model = ${JSON.stringify(model)}
model_provider = "fettle"
approval_policy = "never"
sandbox_mode = "${SANDBOX[permissions]}"
web_search = "disabled"
check_for_update_on_startup = false

[features]
multi_agent = false

[analytics]
enabled = false

[model_providers.fettle]
name = "fettle"
base_url = ${JSON.stringify(baseUrl)}
env_key = "FETTLE_MODEL_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`;
}

function itemsOf(lines: readonly Line[]): readonly unknown[] {
  return lines.flatMap((line) => (line["type"] === "item.completed" ? [line["item"]] : []));
}

/** An `error` alone is a remark; what ends the turn says so. */
function failureIn(lines: readonly Line[]): CliFailure | undefined {
  const failed = lines.findLast(({ type }) => type === "turn.failed");
  if (failed === undefined) return undefined;
  const message = textAt(failed, "error", "message");
  const status = /status:? (\d{3})/u.exec(message)?.[1];
  const isBusy = /high demand|overloaded/iu.test(message);
  return failureOf(
    isBusy ? 500 : status === undefined ? undefined : Number(status),
    plain(message),
  );
}

/** A message may be the provider's answer as it came. */
function plain(message: string): string {
  try {
    return textAt(valueAt(JSON.parse(message), "error"), "message") || message;
  } catch {
    return message;
  }
}
