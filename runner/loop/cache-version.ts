/** What kept plans and times depend on besides the repository: this program, and the time zones that it knows. */
import { VERSION } from "#runner/version.ts";

/** Part of a cache key. */
export function cacheVersion(versions: Readonly<Record<string, string | undefined>>): string {
  const parts = [VERSION, versions["tz"] ?? "none", versions["icu"] ?? "none"];
  return parts
    .join("-")
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/gu, "-");
}

export const CACHE_VERSION = cacheVersion(process.versions);
