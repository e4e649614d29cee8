/** What became of content that is not there any more. */
import { burialOf, type Burial } from "#runner/core/payload-tombstones.ts";
import { payloadTombstonesPath } from "#runner/core/state-path.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Citation } from "#runner/schema/types.gen.ts";
import { readRecord, type StateFiles } from "./state-files.ts";

/** The first of the citations whose content was taken away on record; undefined: none was. */
export async function burialAmong(
  files: StateFiles,
  citations: readonly Citation[],
): Promise<Burial | undefined> {
  const byMonth = Map.groupBy(citations, ({ month }) => month);
  for (const [month, cited] of byMonth) {
    const path = payloadTombstonesPath(month);
    const tombstones = await readRecord(files, path, records.payloadTombstones);
    if (tombstones === undefined) continue;
    for (const { digest } of cited) {
      const burial = burialOf(tombstones, digest);
      if (burial !== undefined) return burial;
    }
  }
  return undefined;
}
