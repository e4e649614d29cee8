/** Which memory records are in force at an instant. */
import { standingsOf, type Dated } from "./memory-standing.ts";

/** The records that hold at `asOf`: no retractions, and not retracted, superseded, expired, over, or yet to come. */
export function activeMemory<Memory extends Dated>(
  records: readonly Memory[],
  asOf: string,
): Memory[] {
  const standings = standingsOf(records, asOf);
  return records.filter((_, at) => standings[at]?.kind === "active");
}
