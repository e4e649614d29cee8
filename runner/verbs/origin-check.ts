/** Whether this clone and its origin are in step, for `fettle doctor`. */
import {
  branchName,
  IN_THE_WAY,
  LOCAL_REFS,
  MAIN,
  PAYLOAD_BRANCHES,
  STATE,
} from "#runner/core/ref-names.ts";
import { GONE_ORIGIN } from "#runner/repo/operator-config.ts";
import type { Shown } from "#runner/loop/state-standing.ts";
import { isAncestor } from "#runner/repo/history.ts";
import { fetchFromOrigin, readOrigin } from "#runner/repo/origin.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { ok, type Check } from "./check.ts";

const ORIGIN_WAIT_MS = 10_000;

/** How a branch here stands to that of the origin; `unknown`: what the origin has is not here. */
export type Standing = "same" | "ahead" | "behind" | "parted" | "unknown" | "only-here" | "absent";

/** `shown`: what the authority shows; undefined when the origin cannot be asked. */
export interface OriginSeen {
  readonly shown: Shown | undefined;
  readonly checks: readonly Check[];
}

/** Asks the origin; with an answer its state is fetched, so that it can be compared. */
export async function seeOrigin(repository: Repository, signal: AbortSignal): Promise<OriginSeen> {
  if (repository.origin === null) {
    const what = "no origin: this clone is the only copy";
    return {
      shown: null,
      checks: [{ status: "warning", what, fix: "git remote add origin <url>" }],
    };
  }
  if (repository.origin.url === GONE_ORIGIN.url) return { shown: undefined, checks: [goneCheck()] };
  const url = withoutSecrets(repository.origin.url);
  const patience = AbortSignal.any([signal, AbortSignal.timeout(ORIGIN_WAIT_MS)]);
  const shown = await readOrigin(repository, patience, [IN_THE_WAY]).catch((error: unknown) => {
    if (!(error instanceof DOMException)) throw error;
    return { kind: "unreachable", detail: "no answer in time" } as const;
  });
  if (shown.kind === "unreachable") {
    const [detail = ""] = shown.detail.split("\n");
    const what = `the origin ${url} cannot be reached: ${detail}`;
    const fix = "git fetch origin   must work before fettle can";
    return { shown: undefined, checks: [{ status: "problem", what, fix }] };
  }
  await fetchFromOrigin(repository, { refs: [...shown.refs.keys()].filter(isCompared) }, signal);
  const main = await standingOf(repository, MAIN, shown.refs.get(MAIN));
  const answers = ok(`origin ${url} answers`);
  const blocked = shown.refs.has(IN_THE_WAY) ? [inTheWayThere()] : [];
  return { shown: shown.refs, checks: [answers, ...blocked, mainCheck(main)] };
}

/** Only a person knows whether others still go on with it. */
function goneCheck(): Check {
  const what = `this clone has followed an origin, and ${GONE_ORIGIN.url}: nothing reaches the outside world`;
  const forget = `git for-each-ref --format='delete %(refname)' ${LOCAL_REFS}origin | git update-ref --stdin`;
  const fix = `git remote rename <its name now> origin, or: git remote add origin <url>\n    where no other clone is left, this one goes on alone after: ${forget}`;
  return { status: "problem", what, fix };
}

/** No branch can be written below the name of another. */
export function inTheWay(name: string): Check {
  const what = `a branch ${name} stands where fettle keeps its branches: nothing can be recorded`;
  return { status: "problem", what, fix: `git branch -m ${name} ${name}-old` };
}

function inTheWayThere(): Check {
  const name = branchName(IN_THE_WAY);
  const { what } = inTheWay(name);
  const fix = `git fetch origin ${name} && git push origin FETCH_HEAD:refs/heads/${name}-old :${IN_THE_WAY}`;
  return { status: "problem", what: `at the origin ${what}`, fix };
}

/** How the state here stands to that of the origin, when nothing was taken back. */
export async function stepChecks(
  repository: Repository,
  shown: Shown | undefined,
): Promise<readonly Check[]> {
  if (shown === undefined || shown === null) return [];
  return [stateCheck(await standingOf(repository, STATE, shown.get(STATE)))];
}

function isCompared(ref: string): boolean {
  return ref === MAIN || ref === STATE || ref.startsWith(PAYLOAD_BRANCHES);
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

/** Whoever reads the screen need not read the password in an address. */
function withoutSecrets(url: string): string {
  return url.replace(/(?<=:\/\/)[^/@]*@/u, "");
}
