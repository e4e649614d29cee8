/**
 * What becomes of transactions that were booked on a state which is not the newest any more.
 *
 * Results are facts: they are accepted whoever works on the run by now, unless another result of the same attempt came
 * first. Intents, grants, claims and compaction are permissions, given by the state that they were planned on and no other: they are
 * refused, and asked for again on the newest state with all its limits. Everything else (ends of runs, gates, versions,
 * deliveries) follows from the state and is planned again.
 */
import { canonicalJson } from "#runner/core/canonical-json.ts";
import type { EventOf, LedgerEvent } from "#runner/core/ledger-event.ts";
import { attemptPath, checkpointsPath, receiptPath, runPath } from "#runner/core/state-path.ts";
import type { AttemptRecord, ReceiptRecord, RunRecord } from "#runner/schema/types.gen.ts";
import {
  type EffectNamed,
  isHeldBy,
  isNews,
  isReceipts,
  lateAnswer,
  stateOf,
  withOurs,
} from "./receipt.ts";

/** A transaction as it stands in git: its event, and the records it wrote (null = removed). */
export interface Recorded {
  readonly event: LedgerEvent;
  readonly files: ReadonlyMap<string, object | null>;
}

/** The newest state, as far as the transactions concern it. */
export interface Tip {
  /** Runs that the transactions name; a run that is missing was never started there. */
  readonly runs: ReadonlyMap<string, TipRun>;
  readonly receipts: ReadonlyMap<string, ReceiptRecord>;
  readonly requests: ReadonlySet<string>;
  /** When what the transactions saved of a step was saved last, by the path of its record. */
  readonly saved: ReadonlyMap<string, string>;
  /** Projects that have state. */
  readonly projects: ReadonlySet<string>;
  /** Whose transactions they are. */
  readonly self: string;
}

export type TipRun =
  | { readonly state: "closed" }
  | {
      readonly state: "open";
      readonly record: RunRecord;
      /** By path. */
      readonly attempts: ReadonlyMap<string, AttemptRecord>;
    };

export interface Rebased {
  readonly kept: readonly Recorded[];
  readonly dropped: readonly Dropped[];
}

/** `again`: it follows from the state and is planned anew. */
export interface Dropped {
  readonly event: LedgerEvent;
  readonly why: "recorded-already" | "not-permitted" | "again";
}

/** `rest`: what of a result stays true in any case. */
type Fate = ({ readonly keep: Recorded } | { readonly drop: Dropped["why"] }) & {
  readonly rest?: Recorded;
};

/** In the order in which they were booked; what is kept counts for those behind it. */
export function rebase(pending: readonly Recorded[], tip: Tip): Rebased {
  const kept: Recorded[] = [];
  const dropped: Dropped[] = [];
  const ground = new Ground(tip);
  for (const recorded of pending) {
    const fate = ground.fateOf(recorded);
    if ("keep" in fate) {
      ground.add(fate.keep);
      kept.push(fate.keep);
    } else {
      ground.lose(recorded.event);
      dropped.push({ event: recorded.event, why: fate.drop });
    }
    if (fate.rest !== undefined) kept.push(fate.rest);
  }
  return { kept, dropped };
}

const PERMISSIONS = [
  "effect-intended",
  "spend-granted",
  "work-claimed",
  "rewrite-accepted",
  "clock-set-right",
  "state-compacted",
  "payload-dropped",
] as const;

type Permission = EventOf<(typeof PERMISSIONS)[number]>;

/** Given by the state that it was booked on, and by no other. */
export function isPermission(event: LedgerEvent): event is Permission {
  return PERMISSIONS.some((kind) => kind === event.kind);
}

/** The tip with what has been kept so far. */
class Ground {
  readonly #runs: Map<string, TipRun>;
  readonly #receipts: Map<string, ReceiptRecord>;
  readonly #requests: Set<string>;
  readonly #saved: ReadonlyMap<string, string>;
  readonly #projects: Set<string>;
  readonly #self: string;
  /** Runs of which a result was lost to another one: later results were made from what nobody has. */
  readonly #parted = new Set<string>();
  /** Items whose run has not ended by what was booked here: nobody hands them over again for that. */
  readonly #unended = new Set<string>();

  constructor(tip: Tip) {
    this.#runs = new Map(tip.runs);
    this.#receipts = new Map(tip.receipts);
    this.#requests = new Set(tip.requests);
    this.#saved = tip.saved;
    this.#projects = new Set(tip.projects);
    this.#self = tip.self;
  }

  fateOf(recorded: Recorded): Fate {
    const { event } = recorded;
    if (isPermission(event)) return { drop: "not-permitted" };
    switch (event.kind) {
      case "run-started":
        return this.#start(recorded, event);
      case "step-finished":
        // On the newest state its runner may have been heard of.
        if (event.givenUp === true) return { drop: "again" };
        return event.effect === null
          ? this.#result(recorded, event)
          : this.#effectResult(recorded, event, event.effect);
      case "spend-settled":
        // Where its grant is settled already it changes nothing.
        return { keep: recorded };
      case "step-checkpointed":
        return this.#isWanted(event) ? { keep: recorded } : { drop: "recorded-already" };
      case "effect-answered":
        return this.#answer(recorded, event);
      case "request-made":
        return this.#requests.has(event.request)
          ? { drop: "recorded-already" }
          : { keep: recorded };
      case "project-applied":
        // What comes behind it counts only for a project that has state; a version that is there is not set back.
        return this.#projects.has(event.project) ? { drop: "again" } : { keep: recorded };
      case "project-stalled":
      case "project-removed":
      case "gate-queued":
      case "gate-opened":
      case "gate-noted":
      case "gate-settled":
      case "wait-ended":
      case "run-finished":
      case "files-delivered":
      case "edits-adopted":
      case "request-settled":
        return { drop: "again" };
    }
  }

  add({ event, files }: Recorded): void {
    for (const [path, record] of files) this.#addFile(event, path, record);
    if (event.kind === "request-made") this.#requests.add(event.request);
    if (event.kind === "project-applied") this.#projects.add(event.project);
  }

  lose(event: LedgerEvent): void {
    if (event.kind === "step-finished") this.#parted.add(event.run);
    if (event.kind === "run-finished") this.#unended.add(itemOf(event, event.parent?.item));
  }

  #addFile(event: LedgerEvent, path: string, record: object | null): void {
    if (record === null) return;
    if (isRun(record) && event.kind === "run-started") {
      this.#runs.set(event.run, { state: "open", record, attempts: new Map() });
    }
    if (isAttempt(record) && "run" in event) this.#addAttempt(event.run, path, record);
    if (isReceipts(record)) this.#receipts.set(record.base, record);
  }

  #addAttempt(id: string, path: string, attempt: AttemptRecord): void {
    const run = this.#runs.get(id);
    if (run?.state !== "open") return;
    this.#runs.set(id, { ...run, attempts: new Map(run.attempts).set(path, attempt) });
  }

  /** A run is named by what caused it: the same one may have been started by another runner meanwhile. */
  #start(recorded: Recorded, event: EventOf<"run-started">): Fate {
    const { run } = event;
    if (this.#runs.has(run)) {
      if (!this.#isSameStart(run, recorded.files.get(runPath(run)))) this.#parted.add(run);
      return { drop: "recorded-already" };
    }
    if (!this.#projects.has(event.project)) return { drop: "not-permitted" };
    return this.#isAsked(event) ? { keep: recorded } : { drop: "not-permitted" };
  }

  /** Whoever asked for the run still does: a request that waits, a run that is open. */
  #isAsked(event: EventOf<"run-started">): boolean {
    const { trigger } = event;
    if (trigger.kind === "manual") return this.#requests.has(trigger.request);
    if (trigger.kind !== "pipeline") return true;
    if (this.#unended.has(itemOf(event, trigger.item))) return false;
    return this.#runs.get(trigger.run)?.state === "open";
  }

  /** Started from the same commit and values, results of one are results of the other. */
  #isSameStart(id: string, ours: object | null | undefined): boolean {
    const run = this.#runs.get(id);
    if (run?.state !== "open" || ours === null || ours === undefined || !isRun(ours)) return false;
    const { startedAt: _, ...mine } = ours;
    const { startedAt: __, ...theirs } = run.record;
    return canonicalJson(mine) === canonicalJson(theirs);
  }

  #result(recorded: Recorded, event: EventOf<"step-finished">): Fate {
    // Where somebody has begun to act since, only what came of that ends the attempt.
    const isOurs = !this.#parted.has(event.run) && this.#attemptThere(event) === null;
    return isOurs ? { keep: recorded } : { drop: "recorded-already", ...restOf(event) };
  }

  /** What an attempt has saved counts as long as it has no result there, and nobody who took it over has saved something since. */
  #isWanted(event: EventOf<"step-checkpointed">): boolean {
    const there = this.#saved.get(checkpointsPath(event.run, event)) ?? "";
    if (there > event.at) return false;
    return !this.#parted.has(event.run) && this.#attemptThere(event) !== "finished";
  }

  /** What the newest state holds of the attempt; a closed run counts as finished. */
  #attemptThere(
    event: EventOf<"step-finished" | "step-checkpointed">,
  ): AttemptRecord["state"] | null {
    const run = this.#runs.get(event.run);
    if (run?.state !== "open") return "finished";
    return run.attempts.get(attemptPath(event.run, event, event.attempt))?.state ?? null;
  }

  /** What happened in the world is never dropped: where its attempt is over already, it answers the doubt that was left. */
  #effectResult(recorded: Recorded, event: EventOf<"step-finished">, effect: EffectNamed): Fate {
    const path = receiptPath(effect.base);
    const ours = recorded.files.get(path);
    if (ours === undefined || ours === null) return this.#result(recorded, event);
    // That nothing came of it here says nothing of what those have done who took the intent over.
    if (stateOf(ours, effect.ordinal) === null && !this.#holds(effect)) {
      return { drop: "recorded-already", ...restOf(event) };
    }
    const receipts = withOurs(this.#receipts.get(effect.base), effect.ordinal, ours);
    if (this.#attemptThere(event) !== "finished") {
      return { keep: { event, files: new Map(recorded.files).set(path, receipts) } };
    }
    return { ...this.#lateResult(event, effect, receipts), ...restOf(event) };
  }

  #holds({ base, ordinal }: EffectNamed): boolean {
    return isHeldBy(this.#self, this.#receipts.get(base), ordinal);
  }

  /** Where the newest state still asks what became of the effect, our result says it. */
  #lateResult(event: EventOf<"step-finished">, effect: EffectNamed, receipts: ReceiptRecord): Fate {
    const late = lateAnswer({ ...event, effect }, receipts, this.#receipts.get(effect.base));
    const isPast = late?.answer !== "happened" && this.#hasNext(event);
    if (late === null || isPast) return { drop: "recorded-already" };
    return { keep: { event: late, files: new Map([[receiptPath(effect.base), receipts]]) } };
  }

  /** Of another attempt it knows nothing. */
  #hasNext(event: EventOf<"step-finished">): boolean {
    const run = this.#runs.get(event.run);
    const next = attemptPath(event.run, event, event.attempt + 1);
    return run?.state === "open" && run.attempts.has(next);
  }

  /** A person answers a doubt; a result that came late answers an intent, too, with which nobody goes on. */
  #isOpen({ run, step, item, effect, request }: EventOf<"effect-answered">, ours: object): boolean {
    const { base, ordinal } = effect;
    const newest = this.#receipts.get(base);
    if (request !== null) return stateOf(newest, ordinal) === "uncertain";
    return isNews(stateOf(ours, ordinal), { newest, ordinal, by: { run, step, item } });
  }

  #answer(recorded: Recorded, event: EventOf<"effect-answered">): Fate {
    const { effect, request } = event;
    if (request !== null && !this.#requests.has(request)) return { drop: "recorded-already" };
    const path = receiptPath(effect.base);
    const ours = recorded.files.get(path);
    if (ours === undefined || ours === null || !this.#isOpen(event, ours)) return { drop: "again" };
    const receipts = withOurs(this.#receipts.get(effect.base), effect.ordinal, ours);
    const files = new Map(recorded.files).set(path, receipts);
    return { keep: { ...recorded, files } };
  }
}

type Place = Pick<EventOf<"run-started">, "project" | "pipeline">;

/** What a pipeline was given, whoever gave it. */
function itemOf({ project, pipeline }: Place, item: string | null = null): string {
  return canonicalJson([project, pipeline, item]);
}

function restOf(event: EventOf<"step-finished">): { readonly rest?: Recorded } {
  const settled = settledBy(event);
  return settled === null ? {} : { rest: { event: settled, files: new Map() } };
}

/** What an attempt whose result is not kept took all the same; null where nothing was granted to it. */
export function settledBy(event: EventOf<"step-finished">): EventOf<"spend-settled"> | null {
  const { at, project, run, step, item, attempt, grant, spent, models } = event;
  if (grant === undefined || spent === undefined) return null;
  const who = { at, project, run, step, item, attempt };
  const asked = models === undefined ? {} : { models };
  return { kind: "spend-settled", ...who, grant, spent, ...asked };
}

function isAttempt(record: object): record is AttemptRecord {
  return "attempt" in record && "outcome" in record;
}

function isRun(record: object): record is RunRecord {
  return "slot" in record && "trigger" in record;
}
