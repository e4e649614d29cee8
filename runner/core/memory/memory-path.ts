/** Where the file of a memory record stands. */
import { itemSlug } from "#runner/core/identifier.ts";
import type { RecordKind } from "./memory-file.ts";

interface Placed {
  readonly namespace: string;
  readonly kind: RecordKind;
  readonly subject: string;
  readonly attribute?: string | undefined;
  /** Instant. */
  readonly at: string;
  readonly id: string;
}

/** `memory/<namespace>/<kind>/<yyyy-mm>/<what it is about>.<id>.md` */
export function memoryPath({ namespace, kind, subject, attribute, at, id }: Placed): string {
  const about = [subject, attribute ?? ""].join("/").toLowerCase();
  const name = itemSlug(about.replaceAll(/[/ ]+/g, "-").replaceAll(/^-|-$/g, ""));
  return `memory/${namespace}/${kind}/${at.slice(0, 7)}/${name}.${id.slice(4, 12)}.md`;
}
