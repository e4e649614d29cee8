import { fetchedRef } from "#runner/core/ref-names.ts";
import type { PushOutcome } from "#runner/protocol/publish.ts";
import type { GitResult } from "./git.ts";
import { git } from "./git.ts";
import type { RefUpdate } from "./ref-transaction.ts";
import type { Refs } from "./refs.ts";
import type { Repository } from "./repository.ts";

/** `detail` is what the origin or git said, for people. */
export interface Pushed {
  readonly outcome: PushOutcome;
  readonly detail: string;
}

const ARGUMENTS = [
  "push",
  "--atomic",
  "--porcelain",
  "--progress",
  "--no-verify",
  "--no-signed",
  "--no-follow-tags",
  "--recurse-submodules=no",
];
const MOVED =
  /fetch first|non-fast-forward|stale info|needs force|already exists|failed to update ref|incorrect old value|reference changed|but expected/;
const LOCKED = /Unable to create '([^']+)': File exists/;

/**
 * Pushes all refs to the origin or none of them, never forced but where content is taken away on record.
 *
 * That and a deletion carry the value that they expect, so that a branch somebody has just pushed to stays.
 */
export async function pushRefs(
  repository: Repository,
  updates: readonly RefUpdate[],
  signal?: AbortSignal,
): Promise<Pushed> {
  if (repository.origin === null) throw new Error("There is no origin to push to");
  const leases = updates.flatMap(({ ref, from, to, isTaking }) =>
    to === null || isTaking === true ? [`--force-with-lease=${ref}:${from ?? ""}`] : [],
  );
  const refspecs = updates.map(({ ref, to }) => `${to ?? ""}:${ref}`);
  const args = [...ARGUMENTS, ...leases, "--", repository.origin.pushUrl, ...refspecs];
  return classify(await git({ ...repository.network, ...(signal && { signal }) }, args));
}

/** What a push that was accepted moves here: the branches, and what is known of them at the origin. */
export function hereToo(
  pushed: readonly Pick<RefUpdate, "ref" | "to">[],
  here: Refs,
): readonly RefUpdate[] {
  return pushed
    .flatMap(({ ref, to }) => [ref, fetchedRef(ref)].map((name) => ({ name, to })))
    .map(({ name, to }) => ({ ref: name, from: here.get(name) ?? null, to }))
    .filter(({ from, to }) => from !== to);
}

function classify(result: GitResult): Pushed {
  const detail = result.stderr.trim();
  if (result.code === 0) return { outcome: "ok", detail };
  const failures = result.stdout
    .toString("utf8")
    .split("\n")
    .filter((line) => line.startsWith("!\t") && !/\(atomic push fail/.test(line))
    .map((line) => line.split("\t")[2] ?? "");
  if (failures.length > 0) return answered(failures, detail);
  // "unpack failed" and a missing --atomic are answers; anything else is a connection that ended.
  const isAnswer = /does not support --atomic|unpack failed|remote unpack failed/.test(detail);
  return { outcome: isAnswer ? "refused" : "unknown", detail };
}

/** What the origin says of single refs; of refs that must move together it says why beside it. */
function answered(failures: readonly string[], stderr: string): Pushed {
  const errors = remoteErrors(stderr);
  const detail = [...failures, ...errors].join("; ");
  if (failures.some((failure) => failure.startsWith("[remote failure]"))) {
    return { outcome: "unknown", detail };
  }
  const lock = LOCKED.exec(stderr)?.[1];
  if (lock !== undefined) return { outcome: "locked", detail: lockedWords(lock) };
  const isRace = failures.every((failure) => MOVED.test(failure)) || MOVED.test(errors.join());
  return { outcome: isRace ? "moved" : "refused", detail };
}

function remoteErrors(stderr: string): readonly string[] {
  return [...stderr.matchAll(/^remote: error: (.*?)\s*$/gm)].map(([, words = ""]) => words);
}

function lockedWords(path: string): string {
  return `${path} stands at the origin: another git is at work there, or one that died has left it; then it must be removed by hand`;
}
