/** Who works in this clone, as the operator's own git says. */
import { git, type GitPlace } from "#runner/repo/git.ts";
import type { Repository } from "#runner/repo/repository.ts";

export interface Person {
  readonly name: string;
  readonly email: string;
}

/** null when git knows no e-mail. */
export async function operatorOf({ operator }: Repository): Promise<Person | null> {
  const [name, email] = await Promise.all([
    configured(operator, "user.name"),
    configured(operator, "user.email"),
  ]);
  return email === "" ? null : { name: name === "" ? email : name, email };
}

export type Authorised =
  | { readonly ok: true; readonly operator: Person }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** Who works in this clone, where that is one of the operators; otherwise why it may not. */
export async function expectOperator(
  repository: Repository,
  operators: readonly string[],
): Promise<Authorised> {
  const who = await operatorOf(repository);
  if (who !== null && operators.includes(who.email)) return { ok: true, operator: who };
  const message = `you are ${who?.email ?? "nobody"}, and the operators are ${operators.join(", ")}`;
  const hint = "git config user.email <theirs>, or add yourself to operators in fettle.yaml";
  return { ok: false, message, hint };
}

async function configured(place: GitPlace, key: string): Promise<string> {
  const { code, stdout } = await git(place, ["config", "--get", key]);
  return code === 0 ? stdout.toString("utf8").trim() : "";
}
