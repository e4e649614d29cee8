/** What a lane tells of a step, read and checked. */
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import { checkedResult, type Expected } from "./checked-result.ts";
import type { Invocation, Result } from "./invocation.ts";
import { readLaneBlob, readLaneResult } from "./lane-result.ts";

export interface LanePlace extends Expected {
  /** Of the lane's results. */
  readonly folder: string;
}

/** `none`: it has told nothing. */
export type LaneAnswer =
  | { readonly kind: "checked"; readonly result: Result; readonly checkpoints: Checkpoints }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "none" };

export function laneAnswer(invocation: Invocation, { folder, ...expected }: LanePlace): LaneAnswer {
  const read = readLaneResult(folder, expected.unit);
  if (read.kind !== "told") return read;
  const saying = {
    said: read.said,
    read: (digest: string) => readLaneBlob(folder, digest),
  };
  const checked = checkedResult(invocation, saying, expected);
  return checked.ok
    ? { kind: "checked", result: checked.result, checkpoints: checked.checkpoints }
    : { kind: "refused", reason: checked.reason };
}
