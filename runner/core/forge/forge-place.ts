/** Where a repository's pull requests are, from its origin and the settings. */
import type { ForgeSettings } from "#runner/schema/types.gen.ts";

export interface ForgePlace {
  /** Root of the REST API. */
  readonly api: string;
  readonly owner: string;
  readonly repo: string;
}

const GITHUB_API = "https://api.github.com";

const GITHUB = [
  /^https?:\/\/(?:[^@/]+@)?(?:www\.)?github\.com\/(?<owner>[^/]+)\/(?<repo>[^/]+?)(?:\.git)?\/?$/iu,
  /^(?:ssh:\/\/)?(?:[^@/]+@)(?:ssh\.)?github\.com(?::\d+)?[:/]+(?<owner>[^/]+)\/(?<repo>[^/]+?)(?:\.git)?\/?$/iu,
];

/** null: branches alone. `api` is what the surroundings say of a server, as in GitHub Actions. */
export function forgePlace(
  settings: ForgeSettings | undefined,
  origin: string | null,
  api: string | null,
): ForgePlace | null {
  if (origin === null || settings?.kind === "git") return null;
  const { repository, api: own } = settings ?? {};
  const root = own ?? api ?? GITHUB_API;
  const [owner, repo] = repository === undefined ? namedBy(origin) : repository.split("/");
  if (owner === undefined || repo === undefined) return null;
  return { api: root.replace(/\/+$/u, ""), owner, repo };
}

/** Owner and name, where the origin is on github.com. */
function namedBy(origin: string): readonly string[] {
  for (const pattern of GITHUB) {
    const { owner, repo } = pattern.exec(origin)?.groups ?? {};
    if (owner !== undefined && repo !== undefined) return [owner, repo];
  }
  return [];
}
