/** Where commits must be accepted before they count: at the origin, or on the branches of a clone without one. */
import type { ObjectReader } from "./object-reader.ts";
import { isAncestor } from "./history.ts";
import { type Advertisement, type Fetched, fetchFromOrigin, readOrigin } from "./origin.ts";
import { type Pushed, pushRefs } from "./push.ts";
import type { RefOutcome, RefTransactions, RefUpdate } from "./ref-transaction.ts";
import { readRefs } from "./refs.ts";
import type { Repository } from "./repository.ts";

export interface Authority {
  /** Moves all of the refs there or none of them, and never back. */
  readonly push: (updates: readonly RefUpdate[], signal?: AbortSignal) => Promise<Pushed>;
  readonly read: (signal?: AbortSignal) => Promise<Advertisement>;
  readonly fetch: (refs: readonly string[], signal?: AbortSignal) => Promise<Fetched>;
}

export interface Clone {
  readonly repository: Repository;
  readonly reader: ObjectReader;
  readonly transactions: RefTransactions;
}

export function authorityOf(clone: Clone): Authority {
  const { repository } = clone;
  if (repository.origin === null) return branchesOf(clone);
  return {
    push: async (updates, signal) => {
      const pushed = await pushRefs(repository, updates, signal);
      return isPushedWhereRead(repository) || pushed.outcome !== "ok"
        ? pushed
        : asRead(updates, await readOrigin(repository, signal));
    },
    read: (signal) => readOrigin(repository, signal),
    fetch: (refs, signal) => fetchFromOrigin(repository, { refs }, signal),
  };
}

function isPushedWhereRead({ origin }: Repository): boolean {
  return origin?.pushUrl === origin?.url;
}

/** It has landed where it can be read: others cannot heed what they do not see. */
function asRead(updates: readonly RefUpdate[], shown: Advertisement): Pushed {
  const isSeen = ({ ref, to }: RefUpdate): boolean =>
    shown.kind === "read" && (shown.refs.get(ref) ?? null) === to;
  if (updates.every(isSeen)) return { outcome: "ok", detail: "" };
  const detail = "what remote.origin.pushurl has accepted does not show at remote.origin.url";
  return { outcome: "refused", detail };
}

/** Other clones may push to them at any time. */
function branchesOf(clone: Clone): Authority {
  const { repository, transactions } = clone;
  return {
    push: async (updates) => {
      const forward = await Promise.all(updates.map((update) => isForward(clone, update)));
      if (!forward.every(Boolean)) return { outcome: "moved", detail: "" };
      return pushedBy(await transactions.run(updates));
    },
    read: async () => ({ kind: "read", refs: readRefs(repository) }),
    fetch: async () => ({ kind: "fetched" }),
  };
}

/** The usual case takes no git. */
async function isForward({ repository, reader }: Clone, { from, to }: RefUpdate): Promise<boolean> {
  if (from === null || to === null || from === to) return true;
  if ((await reader.readCommit(to))?.parents.includes(from) === true) return true;
  return (await isAncestor(repository, from, to)) === "yes";
}

function pushedBy(outcome: RefOutcome): Pushed {
  if (outcome.kind === "ok") return { outcome: "ok", detail: "" };
  if (outcome.kind === "locked") return { outcome: "locked", detail: outcome.detail };
  return { outcome: "moved", detail: `${outcome.ref} moved meanwhile` };
}
