/** Which secrets an agent may have. */
import type { Agent, Workspace } from "#runner/schema/types.gen.ts";
import { entryOf } from "./entry.ts";
import { isSearchable, SHORTEST_SECRET } from "./secret-form.ts";
import type { KnownSecrets } from "./secret-scan.ts";

export interface SecretWish {
  /** Of the agent. */
  readonly name: string;
  readonly manifest: Pick<Agent, "secrets">;
}

/** Why a secret that the agent declares is not its to have; undefined when it is. */
export function notGranted(
  secret: string,
  agent: string,
  settings: Pick<Workspace, "secrets" | "models">,
): string | undefined {
  const source = entryOf(settings.secrets ?? {}, secret);
  if (source === undefined) return `secret ${secret} is not declared in fettle.yaml`;
  if (source.agents !== undefined && !source.agents.includes(agent))
    return `fettle.yaml does not grant ${secret} to agent ${agent}`;
  const models = Object.entries(settings.models ?? {});
  const [model] = models.find(([, { key }]) => key === secret) ?? [];
  return model && `${secret} is the key of model ${model}, which no program is given`;
}

/** Why an attempt of the agent cannot start; undefined when it can have all that it declares. */
export function missingSecret(
  { name, manifest }: SecretWish,
  settings: Pick<Workspace, "secrets" | "models">,
  held: KnownSecrets,
): string | undefined {
  for (const secret of manifest.secrets ?? []) {
    const reason = notGranted(secret, name, settings) ?? unfit(secret, settings, held);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Why the agent may not have a secret that it declares, whether it is set here or not. */
export function refusedSecret(
  { name, manifest }: SecretWish,
  settings: Pick<Workspace, "secrets" | "models">,
): string | undefined {
  const reasons = (manifest.secrets ?? []).map((secret) => notGranted(secret, name, settings));
  return reasons.find((reason) => reason !== undefined);
}

function unfit(
  secret: string,
  { secrets = {} }: Pick<Workspace, "secrets">,
  held: KnownSecrets,
): string | undefined {
  const source = entryOf(secrets, secret);
  const value = entryOf(held, secret);
  if (value === undefined) {
    if (source?.optional === true) return undefined;
    return `secret ${secret} is not set: the environment variable ${source?.env ?? secret} is empty`;
  }
  if (isSearchable(value)) return undefined;
  return `secret ${secret} has fewer than ${SHORTEST_SECRET} characters: it cannot be told from ordinary words, and so not be kept out of what is written`;
}
