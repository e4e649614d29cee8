/** The file of a cap with the amount that a gate proposes. */
import { axisField, capText } from "#runner/core/money/amount-words.ts";
import type { PayloadDraft } from "#runner/core/transaction.ts";
import { blobId } from "#runner/core/blob-id.ts";
import { type ChangedLine, withCap } from "#runner/schema/cap-line.ts";
import type { CapRaise, Deliverable } from "#runner/schema/types.gen.ts";
import type { Engine } from "./engine.ts";

export interface RaisedCap {
  readonly change: ChangedLine;
  readonly content: Buffer;
  readonly deliverable: Deliverable;
}

/** As it stands at `base`, with one line changed; undefined where the gate raises none. */
export async function raisedCap(
  { store, repository }: Pick<Engine, "store" | "repository">,
  raises: CapRaise | undefined,
  { base, payload }: { readonly base: string; readonly payload: PayloadDraft },
): Promise<RaisedCap | undefined> {
  if (raises === undefined) return undefined;
  const { file, per, axis, to } = raises;
  const stands = await store.reader.resolve(`${base}:${file}`);
  const source = stands === undefined ? undefined : await store.reader.readBlob(stands.oid);
  const text = source?.toString("utf8") ?? "";
  const change = withCap(text, { per, field: axisField(axis) }, capText(axis, to));
  if (stands === undefined || change === undefined) {
    throw new Error(`${file} at ${base} has no cap on ${axisField(axis)} per ${per}`);
  }
  const content = Buffer.from(change.text);
  const deliverable = {
    path: file,
    content: payload.addBytes(content),
    blob: blobId(content, repository.objectFormat),
    was: stands.oid,
    bytes: content.byteLength,
  };
  return { change, content, deliverable };
}
