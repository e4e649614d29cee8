/** Programs that agents are executed with: the coding agents, and docker or podman. */
import { CODING_AGENTS, type CodingAgentName, testedVersion } from "#runner/core/coding-agent.ts";
import { rungsOf } from "#runner/core/money/demand.ts";
import type { Workspace } from "#runner/core/model.ts";
import { probeCodingAgent, probeContainers } from "#runner/runtimes/agent-program.ts";
import type { Rung } from "#runner/schema/types.gen.ts";
import { type Check, ok } from "./check.ts";
import type { VerbContext } from "./verb.ts";

/** Of those that an agent names; of all with --verbose. */
export function agentProgramChecks(
  context: VerbContext,
  workspace: Workspace | null,
): Promise<readonly Check[]> {
  const isAll = context.look.verbose;
  const rungs = rungsIn(workspace);
  const named = new Set(rungs.flatMap((rung) => ("codingAgent" in rung ? [rung.codingAgent] : [])));
  const agents = CODING_AGENTS.filter((name) => isAll || named.has(name));
  const hasContainers = isAll || rungs.some((rung) => "container" in rung);
  return Promise.all([
    ...agents.map((name) => codingAgentCheck(context, name, named.has(name))),
    ...(hasContainers ? [containerCheck(context, rungs)] : []),
  ]);
}

function rungsIn(workspace: Workspace | null): readonly Rung[] {
  const projects = [...(workspace?.projects.values() ?? [])];
  return projects.flatMap(({ agents }) => [...agents.values()].flatMap(rungsOf));
}

/** One that nobody names may be missing. */
async function codingAgentCheck(
  { environment }: VerbContext,
  name: CodingAgentName,
  isNamed: boolean,
): Promise<Check> {
  const probe = await probeCodingAgent(name, environment);
  const { version: tested, npm } = testedVersion(name);
  const fix = `npm install --global ${npm}@${tested}`;
  switch (probe.kind) {
    case "missing":
      return isNamed
        ? {
            status: "warning",
            what: `${name} is not installed: agents that name it fall back`,
            fix,
          }
        : ok(`${name} is not installed, and no agent names it`);
    case "broken":
      return { status: "warning", what: `${name} cannot be used: ${probe.reason}`, fix };
    case "works":
      return ok(
        `${name} ${probe.version} (tested with ${tested}); it asks models through the gateway, a sign-in of yours is not used`,
      );
  }
}

async function containerCheck(
  { environment }: VerbContext,
  rungs: readonly Rung[],
): Promise<Check> {
  const probe = await probeContainers(environment);
  if (probe.ok) return ok(`containers run under ${probe.engine.name} ${probe.engine.version}`);
  const isNamed = rungs.some((rung) => "container" in rung);
  return isNamed
    ? {
        status: "warning",
        what: `${probe.reason}: agents with a container fall back`,
        fix: "start docker, or install podman",
      }
    : ok(`${probe.reason}, and no agent has a container`);
}
