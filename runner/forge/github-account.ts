import type { ForgeAccount } from "#runner/core/forge-facts.ts";

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
