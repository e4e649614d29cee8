/** Which pending files go to main; where a person changed a path meanwhile, main wins. */
import { entryOf } from "./entry.ts";
import { digestOf } from "./canonical-json.ts";
import { matchesAnyGlob } from "./glob.ts";
import type { Deliver } from "./action.ts";
import { strangePaths } from "./drift.ts";
import { NOTHING, type ProjectContext, type ProjectPlan } from "./project-context.ts";
import { projectDir } from "./run-scope.ts";
import type { PendingDelivery } from "#runner/schema/types.gen.ts";

export function planDelivery(context: ProjectContext): ProjectPlan {
  const strange = strangePaths(context);
  const pending = (context.live?.pending ?? []).filter(
    ({ path, asks }) => asks === undefined && !strange.has(path),
  );
  if (pending.length === 0) return NOTHING;
  const wants = pending
    .filter(({ path }) => !context.observed.mainBlobs.has(path))
    .map(({ path }) => ({ kind: "main-blob", path }) as const);
  if (wants.length > 0) return { ...NOTHING, wants };
  const setAside = pending.filter((file) => isTaken(context, file)).map((file) => file.path);
  const delivered = pending.filter((file) => !setAside.includes(file.path));
  const action: Deliver = {
    kind: "deliver",
    project: context.version.name,
    because: `${delivered.length} ${delivered.length === 1 ? "file is" : "files are"} ready${asideWords(setAside)}`,
    paths: delivered.map((file) => file.path),
    setAside,
    seen: seenAfter(context, delivered),
  };
  return { ...NOTHING, actions: [action] };
}

function asideWords(paths: readonly string[]): string {
  return paths.length === 0
    ? ""
    : `; set aside, because main has changed there: ${paths.join(", ")}`;
}

/** Somebody changed the path after the step had read it. */
function isTaken(context: ProjectContext, file: PendingDelivery): boolean {
  const onMain = context.observed.mainBlobs.get(file.path);
  return onMain !== file.was && onMain !== file.blob;
}

/** Digest of the files that match `globs` (relative to the project's folder), from path to blob id. */
export function watchedDigest(blobs: ReadonlyMap<string, string>): string {
  return digestOf(Object.fromEntries(blobs));
}

/** A pipeline whose watched files had not changed otherwise has seen its own deliveries. */
function seenAfter(
  context: ProjectContext,
  delivered: readonly PendingDelivery[],
): Readonly<Record<string, string>> {
  const { version, observed, live } = context;
  const seen: Record<string, string> = {};
  for (const [name, pipeline] of version.pipelines) {
    const globs = watchedGlobs(version.name, pipeline.triggers?.changes ?? []);
    const watched = observed.watched.get(`${version.name}/${name}`);
    if (watched === undefined || entryOf(live?.pipelines, name)?.seenChanges !== watched.digest)
      continue;
    const own = delivered.filter(
      (file) => file.run.startsWith(`${name}.`) && matchesAnyGlob(globs, file.path),
    );
    if (own.length === 0) continue;
    const after = new Map(watched.blobs);
    for (const file of own) after.set(file.path, file.blob);
    seen[name] = watchedDigest(after);
  }
  return seen;
}

/** `triggers.changes` from the top of the repository. */
export function watchedGlobs(project: string, globs: readonly string[]): readonly string[] {
  return globs.map((glob) => `${projectDir(project)}/${glob}`);
}
