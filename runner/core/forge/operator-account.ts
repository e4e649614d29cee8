/** Who of the operators acts on the forge. */
import type { ForgeAccount } from "./forge-facts.ts";
import type { Operator } from "#runner/schema/types.gen.ts";

/** Their e-mail; null for a bot, and for whoever is no operator. */
export function emailOfAccount(
  operators: readonly Operator[],
  { login, isBot }: ForgeAccount,
): string | null {
  if (isBot) return null;
  const name = login.toLowerCase();
  return operators.find((operator) => operator.login?.toLowerCase() === name)?.email ?? null;
}
