import type { PushOutcome } from "#runner/protocol/publish.ts";
import type { GitResult } from "./git.ts";
import { git } from "./git.ts";
import type { RefUpdate } from "./ref-transaction.ts";
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
  "--no-verify",
  "--no-signed",
  "--no-follow-tags",
  "--recurse-submodules=no",
];
const MOVED =
  /fetch first|non-fast-forward|stale info|needs force|already exists|cannot lock ref|failed to update ref|incorrect old value|reference changed/;

/**
 * Pushes all refs to the origin or none of them, never forced.
 *
 * A deletion carries the value it expects, so that a branch somebody has just pushed to stays.
 */
export async function pushRefs(
  repository: Repository,
  updates: readonly RefUpdate[],
  signal?: AbortSignal,
): Promise<Pushed> {
  if (repository.origin === null) throw new Error("There is no origin to push to");
  const leases = updates.flatMap(({ ref, from, to }) =>
    to === null ? [`--force-with-lease=${ref}:${from ?? ""}`] : [],
  );
  const refspecs = updates.map(({ ref, to }) => `${to ?? ""}:${ref}`);
  const args = [...ARGUMENTS, ...leases, "--", repository.origin.pushUrl, ...refspecs];
  return classify(await git({ ...repository.network, ...(signal && { signal }) }, args));
}

function classify(result: GitResult): Pushed {
  const detail = result.stderr.trim();
  if (result.code === 0) return { outcome: "ok", detail };
  const failures = result.stdout
    .toString("utf8")
    .split("\n")
    .filter((line) => line.startsWith("!\t") && !/\(atomic push fail/.test(line))
    .map((line) => line.split("\t")[2] ?? "");
  const said = failures.join("; ") || detail;
  if (failures.some((failure) => failure.startsWith("[remote failure]"))) {
    return { outcome: "unknown", detail: said };
  }
  if (failures.length > 0) {
    const isRace = failures.every((failure) => MOVED.test(failure));
    return { outcome: isRace ? "moved" : "refused", detail: said };
  }
  // "unpack failed" and a missing --atomic are answers; anything else is a connection that ended.
  const isAnswer = /does not support --atomic|unpack failed|remote unpack failed/.test(detail);
  return { outcome: isAnswer ? "refused" : "unknown", detail };
}
