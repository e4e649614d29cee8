/** Who works in this clone, as the operator's own git says. */
import { git, type GitPlace } from "#runner/repo/git.ts";
import type { Repository } from "#runner/repo/repository.ts";

export interface Person {
  readonly name: string;
  readonly email: string;
}

/** null when git knows no e-mail. */
export async function operatorOf(repository: Repository): Promise<Person | null> {
  const place: GitPlace = {
    trust: "operator",
    gitDir: repository.commonDir,
    environment: repository.own.environment,
  };
  const [name, email] = await Promise.all([
    configured(place, "user.name"),
    configured(place, "user.email"),
  ]);
  return email === "" ? null : { name: name === "" ? email : name, email };
}

async function configured(place: GitPlace, key: string): Promise<string> {
  const { code, stdout } = await git(place, ["config", "--get", key]);
  return code === 0 ? stdout.toString("utf8").trim() : "";
}
