/** What the operator types is kept in git: it may hold no secret. */
import type { Workspace } from "#runner/core/model.ts";
import { scanSecrets } from "#runner/core/secret-scan.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { refused, type Answer } from "./verb.ts";

/** The refusal when something in the value is a secret. */
export function heldSecret(
  engine: Engine,
  workspace: Workspace,
  value: unknown,
): Answer | undefined {
  const finding = scanSecrets(JSON.stringify(value), engine.secretValues(workspace))[0];
  return (
    finding &&
    refused(
      "refused",
      `it holds a secret (${finding.rule}): nothing was written`,
      "what is asked for is kept in git; agents are given secrets by name, from fettle.yaml",
    )
  );
}
