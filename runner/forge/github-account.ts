/** Accounts on GitHub: who acts, who may write, and in whose name fettle itself writes. */
import type { ForgeAccount } from "#runner/core/forge/forge-facts.ts";
import { answered, type Answered, type Line } from "./github-client.ts";

/** An account as GitHub names it. */
export interface Account {
  readonly login: string;
  readonly type: string;
}

/** Whatever is no person is a bot; null: the account is gone. */
export function accountOf(account: Account | null | undefined): ForgeAccount | null {
  if (account === null || account === undefined) return null;
  return { login: account.login, isBot: account.type !== "User" };
}

/** Who writes here: an app may not ask for its name, but everybody else may. */
export async function nameOf({ client, signal }: Line): Promise<Answered<string | null>> {
  const me = await answered(signal, () =>
    client.rest.users.getAuthenticated({ request: { signal } }),
  );
  if (me.ok) return { ok: true, value: me.value.data.login };
  return me.failure.status === 403 ? { ok: true, value: null } : me;
}

/** A stranger has no permission: no failure. */
export async function mayWrite(
  { client, place, signal }: Line,
  login: string,
): Promise<Answered<boolean>> {
  const { owner, repo } = place;
  const asked = await answered(signal, () =>
    client.rest.repos.getCollaboratorPermissionLevel({
      owner,
      repo,
      username: login,
      request: { signal },
    }),
  );
  if (asked.ok)
    return { ok: true, value: ["admin", "write"].includes(asked.value.data.permission) };
  return asked.failure.status === 404 ? { ok: true, value: false } : asked;
}
