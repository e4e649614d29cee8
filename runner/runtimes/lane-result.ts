/** What a lane tells of a step: one file a unit, written whole or not at all; contents lie beside it, by digest. */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import { digestOfBytes } from "#runner/core/canonical-json.ts";
import { laneResult } from "#runner/schema/record-validators.gen.js";
import type { LaneResult } from "#runner/schema/types.gen.ts";
import { parseAgentJson } from "./agent-json.ts";
import type { Result } from "./invocation.ts";

export interface Told extends Pick<
  LaneResult,
  "plan" | "unit" | "invocation" | "startedAt" | "finishedAt"
> {
  readonly result: Result;
  readonly checkpoints: Checkpoints;
}

const MIB = 1024 * 1024;
const LARGEST = 64 * MIB;
const LONGEST_REASON = 4000;

/** Contents first: a lane that is killed leaves no result that counts. */
export function writeLaneResult(folder: string, { result, checkpoints, ...of }: Told): void {
  mkdirSync(join(folder, "blobs"), { recursive: true });
  const keep = (content: Uint8Array): string => {
    const digest = digestOfBytes(content);
    writeFileSync(blobPath(folder, digest), content);
    return digest;
  };
  const { files, calls, during: _, spend, reason, degraded, ...rest } = result;
  const month = of.startedAt.slice(0, 7);
  const said = {
    ...of,
    ...rest,
    reason: reason.slice(0, LONGEST_REASON),
    ...(degraded === undefined ? {} : { degraded: degraded.slice(0, LONGEST_REASON) }),
    ...(spend === undefined ? {} : { spend }),
    files: files.map(({ path, content }) => ({ path, content: keep(content) })),
    ...(calls === undefined
      ? {}
      : {
          calls: calls.map((call) => ({
            ...call,
            request: { digest: keep(call.request), month },
            response: { digest: keep(call.response), month },
          })),
        }),
    checkpoints: Object.fromEntries(checkpoints),
  };
  const draft = join(folder, `.${of.unit}.json`);
  writeFileSync(draft, JSON.stringify({ ...said, outputs: result.outputs ?? null }));
  renameSync(draft, join(folder, `${of.unit}.json`));
}

export type ResultRead =
  | { readonly kind: "told"; readonly said: LaneResult }
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly reason: string };

/** What the folder says of the unit; nothing of it is believed yet. */
export function readLaneResult(folder: string, unit: string): ResultRead {
  const content = readRegular(join(folder, `${unit}.json`));
  if (content === undefined) return { kind: "none" };
  let value: unknown;
  try {
    value = parseAgentJson(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    return { kind: "refused", reason: "it is no JSON" };
  }
  if (laneResult(value)) return { kind: "told", said: value };
  const [error] = laneResult.errors ?? [];
  const where = `${error?.instancePath ?? ""} ${error?.message ?? "is not valid"}`.trim();
  return { kind: "refused", reason: `it does not fit its schema: ${where}` };
}

/** Content that the result cites; undefined when it is not there, or is another one. */
export function readLaneBlob(folder: string, digest: string): Uint8Array | undefined {
  const content = readRegular(blobPath(folder, digest));
  return content !== undefined && digestOfBytes(content) === digest ? content : undefined;
}

function blobPath(folder: string, digest: string): string {
  return join(folder, "blobs", digest.replace("sha256:", ""));
}

/** Follows no link, waits for no writer, and reads nothing that is too large. */
function readRegular(path: string): Uint8Array | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(descriptor);
    return stats.isFile() && stats.size <= LARGEST ? readFileSync(descriptor) : undefined;
  } finally {
    closeSync(descriptor);
  }
}
