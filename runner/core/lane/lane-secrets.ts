/** The secrets that an agent must be given where it is executed: those that it declares, and the keys of its models. */
import type { Workspace } from "#runner/schema/types.gen.ts";
import { modelsAsked } from "#runner/core/money/demand.ts";
import { entryOf } from "#runner/core/entry.ts";
import type { AgentVersion } from "#runner/core/model.ts";

/** Names in fettle.yaml, sorted; only those that it has. */
export function laneSecrets(
  agent: Pick<AgentVersion, "manifest">,
  { secrets = {}, models = {} }: Pick<Workspace, "secrets" | "models">,
): readonly string[] {
  const keys = modelsAsked(agent).flatMap((name) => entryOf(models, name)?.key ?? []);
  const wanted = new Set([...(agent.manifest.secrets ?? []), ...keys]);
  return [...wanted].filter((name) => entryOf(secrets, name) !== undefined).toSorted();
}
