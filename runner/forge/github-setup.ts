/** How the repository is set up on GitHub, as far as the token may see it. */
import type { ForgeSetup } from "#runner/core/forge/forge-setup.ts";
import { answered, type Answered, type Line } from "./github-client.ts";

export async function setupOf({ client, place, signal }: Line): Promise<Answered<ForgeSetup>> {
  const { owner, repo } = place;
  const at = { owner, repo, request: { signal } };
  const found = await answered(signal, () => client.rest.repos.get(at));
  if (!found.ok) return found;
  const rules = await answered(signal, () =>
    client.rest.repos.getBranchRules({ ...at, branch: "main" }),
  );
  const workflow = await answered(signal, () =>
    client.rest.actions.getGithubActionsDefaultWorkflowPermissionsRepository(at),
  );
  return {
    ok: true,
    value: {
      mayPush: found.value.data.permissions?.push ?? null,
      isPrivate: found.value.data.private,
      // Whoever may not see them is not told; neither is a private repository on the free plan.
      rules: rules.ok ? rules.value.data.map(({ type }) => type ?? "") : null,
      workflow: workflow.ok
        ? {
            mayWrite: workflow.value.data.default_workflow_permissions === "write",
            mayPropose: workflow.value.data.can_approve_pull_request_reviews,
          }
        : null,
    },
  };
}
