/** Whether this clone and its origin are in step, for `fettle doctor`. */
import { branchName, MAIN, STATE } from "#runner/core/ref-names.ts";
import { isAncestor } from "#runner/repo/history.ts";
import { readOrigin } from "#runner/repo/origin.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { ok, type Check } from "./check.ts";

const ORIGIN_WAIT_MS = 10_000;

/** How a branch here stands to that of the origin; `unknown`: what the origin has is not here. */
export type Standing = "same" | "ahead" | "behind" | "parted" | "unknown" | "only-here" | "absent";

export async function originChecks(
  repository: Repository,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  if (repository.origin === null) {
    const what = "no origin: this clone is the only copy";
    return [{ status: "warning", what, fix: "git remote add origin <url>" }];
  }
  const { url } = repository.origin;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(ORIGIN_WAIT_MS)]);
  const shown = await readOrigin(repository, patience).catch((error: unknown) => {
    if (!(error instanceof DOMException)) throw error;
    return { kind: "unreachable", detail: "no answer in time" } as const;
  });
  if (shown.kind === "unreachable") {
    const [detail = ""] = shown.detail.split("\n");
    const what = `the origin ${url} cannot be reached: ${detail}`;
    return [{ status: "problem", what, fix: "git fetch origin   must work before fettle can" }];
  }
  const standings = await Promise.all(
    [MAIN, STATE].map((ref) => standingOf(repository, ref, shown.refs.get(ref))),
  );
  const [main = "absent", state = "absent"] = standings;
  return [ok(`origin ${url} answers`), mainCheck(main), stateCheck(state)];
}

async function standingOf(
  repository: Repository,
  ref: string,
  there: string | undefined,
): Promise<Standing> {
  const here = readRefs(repository).get(ref);
  if (there === undefined) return here === undefined ? "absent" : "only-here";
  if (here === undefined) return "behind";
  if (here === there) return "same";
  const isAhead = await isAncestor(repository, there, here);
  if (isAhead === "yes") return "ahead";
  const isBehind = await isAncestor(repository, here, there);
  if (isBehind === "yes") return "behind";
  return isAhead === "no" && isBehind === "no" ? "parted" : "unknown";
}

export function mainCheck(standing: Standing): Check {
  const main = branchName(MAIN);
  switch (standing) {
    case "same":
      return ok(`${main} is as at the origin`);
    case "ahead":
    case "only-here":
      return {
        status: "warning",
        what: `${main} has commits that the origin lacks: what counts is the origin's`,
        fix: `git push origin ${main}`,
      };
    case "absent":
    case "behind":
    case "unknown":
      return {
        status: "warning",
        what: `the origin's ${main} has commits that are not here`,
        fix: `git pull --rebase origin ${main}`,
      };
    case "parted":
      return {
        status: "problem",
        what: `${main} here and at the origin have parted`,
        fix: `git pull --rebase origin ${main}, then git push origin ${main}`,
      };
  }
}

export function stateCheck(standing: Standing): Check {
  const state = branchName(STATE);
  switch (standing) {
    case "same":
      return ok(`${state} is as at the origin`);
    case "absent":
      return ok(`${state} begins with the first tick`);
    case "behind":
    case "unknown":
      return ok(`the origin's ${state} is newer: the next tick follows it`);
    case "ahead":
    case "only-here":
      return {
        status: "warning",
        what: `${state} has commits that the origin lacks`,
        fix: `git push origin ${state}`,
      };
    case "parted":
      return {
        status: "problem",
        what: `${state} here and at the origin have parted`,
        fix: `git fetch origin ${state}, then git branch --force ${state} FETCH_HEAD; what stands only here is lost`,
      };
  }
}
