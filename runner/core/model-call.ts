/** A request to a model as an attempt made it, before it is recorded. */
import type { ModelCall as RecordedCall } from "#runner/schema/types.gen.ts";

export type ModelCall = Omit<RecordedCall, "request" | "response"> & {
  /** As the agent sent it, without keys. */
  readonly request: Uint8Array;
  /** As the agent got it. */
  readonly response: Uint8Array;
};
