/** Requests that an event of a commit may have acted on. */
import type { CheckedStep, StateRecord } from "./verify-record.ts";

type RequestOnState = Extract<StateRecord, { kind: "request" }>;

/** Paths of the requests that stood there before the commit. */
export function requestsBefore(
  step: CheckedStep,
  isMeant: (request: RequestOnState) => boolean,
): readonly string[] {
  return [...(step.before.get("requests") ?? [])].flatMap(([path, record]) =>
    record.kind === "request" && isMeant(record) ? [path] : [],
  );
}
