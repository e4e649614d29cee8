/** The servers of tools of an agent, against the rest of its manifest. */
import { checkCommand } from "./check-command.ts";
import { type Found, nameHint, pointer } from "./check-finding.ts";
import type { Agent, ToolServer } from "#runner/schema/types.gen.ts";

export function checkTools(agent: Agent, paths: ReadonlySet<string>): readonly Found[] {
  const { tools = [], secrets = [] } = agent;
  if (tools.length === 0) return [];
  return [
    ...checkCallers(agent),
    ...checkEffect(agent),
    ...tools.flatMap((server, index) => [
      ...checkName(server.name, tools, index),
      ...checkSecrets(server, secrets, index),
      ...("command" in server
        ? checkCommand(["tools", index, "command"], server.command, paths)
        : []),
    ]),
  ];
}

function checkCallers({ runtime }: Agent): readonly Found[] {
  const rungs = [runtime, ...(runtime.fallback ?? [])];
  if (rungs.some((rung) => "model" in rung && !("codingAgent" in rung))) return [];
  const message = "tools are called by models, and no rung of runtime is one";
  const hint = "programs and coding agents bring their own tools: remove it";
  return [{ code: "agent/tools", pointer: "/tools", part: "key", message, hint }];
}

/** A model can neither be asked whether its tools did something, nor pass a key on to them. */
function checkEffect({ effects, idempotency = "none" }: Agent): readonly Found[] {
  if (effects !== "external" || idempotency === "none") return [];
  const message = `idempotency: ${idempotency} is for programs; what the tools of a model did, it cannot tell`;
  const hint = "write idempotency: none: after a crash a person is asked";
  return [{ code: "agent/tools", pointer: "/idempotency", message, hint }];
}

function checkName(name: string, tools: readonly ToolServer[], index: number): readonly Found[] {
  if (tools.findIndex((server) => server.name === name) === index) return [];
  const message = `there are two servers called ${name}`;
  return [{ code: "agent/tools", pointer: pointer("tools", index, "name"), message }];
}

function checkSecrets(
  server: ToolServer,
  secrets: readonly string[],
  index: number,
): readonly Found[] {
  const wanted: readonly (readonly [string, readonly (string | number)[]])[] =
    "command" in server
      ? (server.secrets ?? []).map((secret, at) => [secret, ["secrets", at]] as const)
      : server.token === undefined
        ? []
        : [[server.token, ["token"]]];
  return wanted
    .filter(([secret]) => !secrets.includes(secret))
    .map(([secret, path]) => ({
      code: "agent/tools",
      pointer: pointer("tools", index, ...path),
      message: `the agent does not declare the secret ${secret}`,
      hint: nameHint(secret, secrets) || `add ${secret} to its secrets`,
    }));
}
