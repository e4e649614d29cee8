/** Checks across manifests. */
import type { Violation } from "#runner/schema/violation.ts";
import type { ManifestSet } from "./manifests.ts";

export async function crossCheck(_set: ManifestSet): Promise<readonly Violation[]> {
  return [];
}
