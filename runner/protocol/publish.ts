/**
 * What became of one push. `unknown`: the connection ended before the answer; it may have landed. `locked`: another git
 * holds a ref at the origin, or left its lock behind; nothing has moved.
 */
export type PushOutcome = "ok" | "moved" | "refused" | "unknown" | "locked";

/** Where the origin stands after an unknown push. `landed`: it contains our commits. */
export type OriginLook = "landed" | "untouched" | "moved" | "unreachable";

export type PublishFact =
  | { readonly kind: "pushed"; readonly outcome: PushOutcome }
  | { readonly kind: "looked"; readonly look: OriginLook }
  | { readonly kind: "fetched"; readonly isReachable: boolean }
  | { readonly kind: "rebuilt"; readonly outcome: Rebuilt };

/** `parted`: the origin's newest commits lack what it had accepted before: nothing is built on them. */
export type Rebuilt = "ready" | "nothing-left" | "parted";

/**
 * What to do next. `settle`: the origin has it, move the local refs. `rebuild`: check every permission
 * against the fetched tip and apply the facts to it again.
 */
export type PublishCommand =
  | { readonly kind: "push"; readonly attempt: number }
  | { readonly kind: "look" | "fetch" | "rebuild" | "settle" }
  | { readonly kind: "stop"; readonly reason: PublishStop };

/** Why nothing was published. `uncertain`: the push may have landed and the origin cannot be asked. */
export type PublishStop =
  | "refused"
  | "locked"
  | "nothing-left"
  | "parted"
  | "unreachable"
  | "uncertain"
  | "contended";

export interface PublishStep {
  readonly attempt: number;
  /** Pushes in a row that found a lock. */
  readonly locks: number;
  readonly command: PublishCommand;
}

const MOST_ATTEMPTS = 8;
/** Whoever is at work there needs no longer than a few pauses; a lock that was left behind stays. */
const MOST_LOCKS = 4;

const AFTER_PUSH: Readonly<Record<Exclude<PushOutcome, "locked">, PublishCommand>> = {
  ok: { kind: "settle" },
  moved: { kind: "fetch" },
  refused: { kind: "stop", reason: "refused" },
  unknown: { kind: "look" },
};

const AFTER_LOOK: Readonly<Record<Exclude<OriginLook, "untouched">, PublishCommand>> = {
  landed: { kind: "settle" },
  moved: { kind: "fetch" },
  unreachable: { kind: "stop", reason: "uncertain" },
};

/** The first step: every publication begins with a push. */
export function startPublish(): PublishStep {
  return push(1);
}

/** The step after a fact that answers the last command. */
export function nextPublish({ attempt, locks }: PublishStep, fact: PublishFact): PublishStep {
  if (fact.kind === "pushed") {
    if (fact.outcome !== "locked") return then(attempt, AFTER_PUSH[fact.outcome]);
    return locks + 1 < MOST_LOCKS ? push(attempt + 1, locks + 1) : stop(attempt, "locked");
  }
  if (fact.kind === "looked") {
    return fact.look === "untouched" ? push(attempt + 1) : then(attempt, AFTER_LOOK[fact.look]);
  }
  if (fact.kind === "fetched") {
    return fact.isReachable ? then(attempt, { kind: "rebuild" }) : stop(attempt, "unreachable");
  }
  return fact.outcome === "ready" ? push(attempt + 1) : stop(attempt, fact.outcome);
}

function push(attempt: number, locks = 0): PublishStep {
  if (attempt > MOST_ATTEMPTS) return stop(attempt, locks > 0 ? "locked" : "contended");
  return { attempt, locks, command: { kind: "push", attempt } };
}

function then(attempt: number, command: PublishCommand): PublishStep {
  return { attempt, locks: 0, command };
}

function stop(attempt: number, reason: PublishStop): PublishStep {
  return then(attempt, { kind: "stop", reason });
}
