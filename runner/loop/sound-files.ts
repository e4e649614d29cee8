/** Which files need no check, because the same check of the same content has found nothing before: a cache. */
import { shortDigest } from "#runner/core/identifier.ts";
import { isPipelineStep, stepsOf } from "#runner/core/step-graph.ts";
import type { Cache } from "#runner/repo/cache.ts";
import { VERSION } from "#runner/version.ts";
import type { ManifestSet } from "./manifests.ts";

/** Path to the key of everything that its check looks at. */
type CheckKeys = ReadonlyMap<string, string>;

/** `shared` names what all checks look at: settings, agents, shared schemas, the program. */
export function checkKeys(set: ManifestSet, shared: string): CheckKeys {
  const keyOf = (what: unknown): string => `sound-${shortDigest({ VERSION, shared, what }, 32)}`;
  const common = keyOf(null);
  const agents = [...set.agents.values()].map(({ path }) => [path, common] as const);
  const pipelines = [...set.projects.values()].flatMap(({ project, pipelines: all }) =>
    [...all.values()].map(({ path, blob, value }) => {
      const goals = project.value?.goals ?? null;
      const isCalling = value !== null && stepsOf(value).some(isPipelineStep);
      const called = isCalling ? [...all].map(([name, one]) => [name, one.blob]) : [];
      return [path, keyOf({ path, blob, goals, called, isValid: project.value !== null })] as const;
    }),
  );
  return new Map([["fettle.yaml", common], ...agents, ...pipelines]);
}

export async function soundFiles(cache: Cache, keys: CheckKeys): Promise<ReadonlySet<string>> {
  const asked = [...new Set(keys.values())];
  const found = await Promise.all(asked.map(async (key) => [key, await cache.get(key)] as const));
  const sound = new Set(found.flatMap(([key, value]) => (value === true ? [key] : [])));
  return new Set([...keys].flatMap(([path, key]) => (sound.has(key) ? [path] : [])));
}

/** Remembers the files that were checked and in which nothing was found. */
export async function keepSound(
  cache: Cache,
  keys: CheckKeys,
  { sound, troubled }: { readonly sound: ReadonlySet<string>; readonly troubled: Iterable<string> },
): Promise<void> {
  const unsound = new Set([...troubled].map((path) => keys.get(path)));
  const fresh = [...keys].filter(([path, key]) => !sound.has(path) && !unsound.has(key));
  const added = new Set(fresh.map(([, key]) => key));
  await Promise.all([...added].map((key) => cache.put(key, true)));
}
