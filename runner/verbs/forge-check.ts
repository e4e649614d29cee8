/** Whether gates can be pull requests, and what to click for it. */
import { forgePlace } from "#runner/core/forge/forge-place.ts";
import { setupFindings } from "#runner/core/forge/forge-setup.ts";
import type { Workspace } from "#runner/core/model.ts";
import type { Engine } from "#runner/loop/engine.ts";
import type { Check } from "./check.ts";
import type { VerbContext } from "./verb.ts";

const WAIT_MS = 15_000;

/** Nothing where the origin is on another host, or there is none. */
export async function forgeChecks(
  context: VerbContext,
  engine: Engine,
  workspace: Workspace | null,
): Promise<readonly Check[]> {
  const { origin } = engine.repository;
  const place = forgePlace(workspace?.settings.forge, origin?.url ?? null, null);
  if (workspace === null || place === null) return [];
  const forge = await engine.forge.forge(engine);
  if (forge === null) {
    const what = "no token for GitHub: gates are branches, not pull requests";
    return [
      {
        status: "warning",
        what,
        fix: "set FETTLE_FORGE_TOKEN (docs/github.md says how to make one)",
      },
    ];
  }
  const patience = AbortSignal.any([context.signal, AbortSignal.timeout(WAIT_MS)]);
  const told = await forge.setup(patience);
  if (told.ok) return setupFindings(told.value, workspace.settings.operators);
  const what = `GitHub does not let ${place.owner}/${place.repo} be seen: ${told.detail}`;
  return [
    {
      status: "problem",
      what,
      fix: "check the token and the name of the repository; docs/github.md",
    },
  ];
}
