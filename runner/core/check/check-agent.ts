/** An agent against the workspace: models, secrets, files, and what its rungs give. */
import { checkBudget, checkWithoutRun, checkWithoutRuns } from "./check-budget.ts";
import { checkConsolidates } from "./check-consolidates.ts";
import { checkEffectLimits } from "./check-effect-limit.ts";
import { expressionFindings, type Found, nameHint, pointer } from "./check-finding.ts";
import { type AgentSurroundings, checkRung } from "./check-rung.ts";
import { agentScope } from "./check-scope.ts";
import { checkGlobs } from "./check-writes.ts";
import { checkTools } from "./check-tools.ts";
import { notGranted } from "#runner/core/secret-grant.ts";
import type { Scope } from "#runner/core/expression/expression.ts";
import { compileValue } from "#runner/core/expression/expression-value.ts";
import type { Agent, Rung, Workspace } from "#runner/schema/types.gen.ts";

export function checkAgent(
  name: string,
  agent: Agent,
  around: AgentSurroundings,
): readonly Found[] {
  const rungs: readonly (readonly [(string | number)[], Rung])[] = [
    [["runtime"], agent.runtime],
    ...(agent.runtime.fallback ?? []).map((rung, index): [(string | number)[], Rung] => [
      ["runtime", "fallback", index],
      rung,
    ]),
  ];
  const scope = agentScope(agent, around.shared);
  return [
    ...rungs.flatMap(([path, rung]) => checkRung(path, rung, { name, agent, around })),
    ...checkSecrets(name, agent, around.settings),
    ...checkTexts(agent, scope),
    ...checkGlobs(agent.reads ?? [], "reads"),
    ...checkGlobs(agent.writes ?? [], "writes"),
    ...checkPromises(agent),
    ...checkConsolidates(agent),
    ...checkTools(agent, around.paths),
    ...checkEffectLimits(agent, scope),
    ...checkBudget(agent.budget, [{ name, manifest: agent }]),
    ...checkWithoutRuns(agent.budget),
    ...checkWithoutRun(agent.budget),
    ...(["inputs", "outputs"] as const).flatMap((side) =>
      checkReferences([side], agent[side], around),
    ),
  ];
}

type Path = readonly (string | number)[];

function checkSecrets(name: string, agent: Agent, settings: Workspace | null): readonly Found[] {
  if (settings === null) return [];
  const sources = settings.secrets ?? {};
  return (agent.secrets ?? []).flatMap((secret, index) => {
    const at = { pointer: pointer("secrets", index) };
    const source = Object.hasOwn(sources, secret) ? sources[secret] : undefined;
    if (source === undefined) {
      const hint = nameHint(secret, Object.keys(sources));
      return [{ code: "ref/secret", ...at, message: `fettle.yaml has no secret ${secret}`, hint }];
    }
    const message = notGranted(secret, name, settings);
    if (message === undefined) return [];
    const isClosed = source.agents !== undefined && !source.agents.includes(name);
    const hint = isClosed
      ? `add ${name} to secrets.${secret}.agents`
      : "programs ask models through the rungs of runtime; for another use declare a secret of its own";
    return [{ code: "agent/secret", ...at, message, hint }];
  });
}

/** Expressions in paths and in what is recalled. */
function checkTexts(agent: Agent, scope: Scope): readonly Found[] {
  const { recall, subject } = agent.memory ?? {};
  const texts: readonly (readonly [Path, unknown])[] = [
    ...(agent.reads ?? []).map((glob, index) => [["reads", index], glob] as const),
    ...(agent.writes ?? []).map((glob, index) => [["writes", index], glob] as const),
    [["memory", "recall"], recall ?? ""],
    [["memory", "subject"], subject ?? ""],
  ];
  return texts.flatMap(([path, text]) => {
    const compiled = compileValue(text, scope);
    return compiled.ok ? [] : expressionFindings(path, compiled.errors);
  });
}

/** What the parts of a manifest say about each other. */
function checkPromises(agent: Agent): readonly Found[] {
  const found: Found[] = [];
  if (agent.effects === "none" && agent.writes !== undefined && agent.writes.length > 0) {
    const message = "an agent with effects: none cannot write files";
    found.push({
      code: "agent/effects",
      pointer: "/effects",
      message,
      hint: "write effects: repository",
    });
  }
  const isExternal = agent.effects === "external";
  for (const key of ["idempotency", "effectLimits"] as const) {
    if (isExternal || agent[key] === undefined) continue;
    const message = `${key} is for agents with effects: external`;
    found.push({ code: "agent/effects", pointer: pointer(key), part: "key", message });
  }
  return found;
}

/** Schemas of other files that a schema refers to; its own definitions are checked with its form. */
function checkReferences(path: Path, part: unknown, around: AgentSurroundings): readonly Found[] {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, value]: [string, unknown]) => {
    if (key !== "$ref" || typeof value !== "string")
      return checkReferences([...path, key], value, around);
    if (value.startsWith("#")) return [];
    const message = wrongReference(value, around);
    if (message === undefined) return [];
    const at = { code: "ref/schema", pointer: pointer(...path, key), message };
    const isKnown = Object.hasOwn(around.shared, value);
    return [isKnown ? at : { ...at, hint: nameHint(value, Object.keys(around.shared)) }];
  });
}

function wrongReference(
  reference: string,
  { shared, paths, wrongShared }: AgentSurroundings,
): string | undefined {
  const [file = ""] = reference.split("#");
  const isFile = file.endsWith(".schema.json") && paths.has(`schemas/${file}`);
  if (isFile && !Object.hasOwn(shared, file)) {
    return `schemas/${file} is not a JSON object`;
  }
  return Object.hasOwn(shared, reference) ? wrongShared(file) : `schemas/ has no ${reference}`;
}
