/** A tick that finds everything as the last one left it ends at once: only refs are read, nothing is written. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { addMs } from "#runner/core/time/instant.ts";
import type { Hold, Plan } from "#runner/core/action.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import type { Cache } from "#runner/repo/cache.ts";
import { readRefs } from "#runner/repo/refs.ts";
import { stopMarkers } from "#runner/repo/stop-marker.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { Violation } from "#runner/schema/violation.ts";
import { CACHE_VERSION } from "./cache-version.ts";

/** What a tick ended with that left nothing to do. */
export interface RestedTick {
  readonly plan: Plan;
  readonly holds: readonly Hold[];
  readonly violations: readonly Violation[];
}

interface TickFile extends RestedTick {
  readonly fingerprint: string;
  /** When it was found so. */
  readonly at: string;
}

const KEY = "tick";
const LARGEST_LEAD_MS = 600_000;

/** All that a plan depends on besides the clock: the refs, what tells who moved main, what was asked for beside the lock, and what the program knows. */
export function fingerprintOf(repository: Repository): string {
  const { commonDir, origin, shallow } = repository;
  const refs = [...readRefs(repository)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const log = statSync(join(commonDir, "logs", MAIN), { throwIfNoEntry: false });
  const stops = stopMarkers(repository).map(({ id }) => id);
  return JSON.stringify([CACHE_VERSION, refs, origin, shallow, log?.size ?? 0, stops]);
}

/** How the last tick ended, when that is still so; undefined otherwise. */
export async function restedTick(
  cache: Cache,
  fingerprint: string,
  now: string,
): Promise<RestedTick | undefined> {
  const file = await cache.get(KEY);
  if (!isTickFile(file) || file.fingerprint !== fingerprint) return undefined;
  const { plan, holds, violations, at } = file;
  // A tick with many events may end ahead of the clock; see steady-clock.ts.
  const isOld = at <= addMs(now, LARGEST_LEAD_MS);
  const isStillSo = isOld && (plan.nextWake === null || now < plan.nextWake);
  return isStillSo ? { plan, holds, violations } : undefined;
}

/** Keeps the end of a tick that began and ended with this fingerprint. */
export async function keepRested(cache: Cache, file: TickFile): Promise<void> {
  await cache.put(KEY, file);
}

/** Written by this program alone; another version of it has another fingerprint. */
/** When the next tick was due, as the last one saw it. */
export async function nextDue(cache: Cache): Promise<string | null> {
  const file = await cache.get(KEY);
  return isTickFile(file) ? file.plan.nextWake : null;
}

function isTickFile(value: unknown): value is TickFile {
  return typeof value === "object" && value !== null && "fingerprint" in value && "plan" in value;
}
