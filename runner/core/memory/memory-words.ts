/** How a memory record stands, in words. */
import type { MemoryStanding } from "./memory-standing.ts";

export function standingWords(standing: MemoryStanding): string {
  switch (standing.kind) {
    case "active":
      return "in force";
    case "retraction":
      return `retracts ${standing.of.join(", ")}`;
    case "retracted":
      return `retracted by ${standing.by}`;
    case "superseded":
      return `superseded by ${standing.by}`;
    case "upcoming":
      return `holds from ${standing.from}`;
    case "over":
      return `over since ${standing.since}`;
    case "expired":
      return `expired on ${standing.since.slice(0, 10)}`;
  }
}
