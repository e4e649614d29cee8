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
  /** Pushes in a row that had no answer. */
  readonly silences: number;
  readonly command: PublishCommand;
}

const MOST_ATTEMPTS = 8;
/** Whoever is at work there needs no longer than a few pauses; a lock that was left behind stays. */
const MOST_LOCKS = 4;
/** An origin that can be read and answers no push has no race to lose: a connection that breaks once is mended sooner. */
const MOST_SILENCES = 3;

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
export function nextPublish(step: PublishStep, fact: PublishFact): PublishStep {
  const { attempt, silences } = step;
  if (fact.kind === "pushed") return afterPush(step, fact.outcome);
  if (fact.kind === "looked") {
    if (fact.look !== "untouched") return then(attempt, AFTER_LOOK[fact.look]);
    return silences < MOST_SILENCES
      ? push(attempt + 1, { silences })
      : stop(attempt, "unreachable");
  }
  if (fact.kind === "fetched") {
    return fact.isReachable ? then(attempt, { kind: "rebuild" }) : stop(attempt, "unreachable");
  }
  return fact.outcome === "ready" ? push(attempt + 1) : stop(attempt, fact.outcome);
}

function afterPush({ attempt, locks, silences }: PublishStep, outcome: PushOutcome): PublishStep {
  switch (outcome) {
    case "ok":
      return then(attempt, { kind: "settle" });
    case "moved":
      return then(attempt, { kind: "fetch" });
    case "refused":
      return stop(attempt, "refused");
    case "unknown":
      return { ...then(attempt, { kind: "look" }), silences: silences + 1 };
    case "locked":
      return locks + 1 < MOST_LOCKS
        ? push(attempt + 1, { locks: locks + 1 })
        : stop(attempt, "locked");
  }
}

function push(attempt: number, { locks = 0, silences = 0 } = {}): PublishStep {
  if (attempt > MOST_ATTEMPTS) return stop(attempt, locks > 0 ? "locked" : "contended");
  return { attempt, locks, silences, command: { kind: "push", attempt } };
}

function then(attempt: number, command: PublishCommand): PublishStep {
  return { attempt, locks: 0, silences: 0, command };
}

function stop(attempt: number, reason: PublishStop): PublishStep {
  return then(attempt, { kind: "stop", reason });
}
