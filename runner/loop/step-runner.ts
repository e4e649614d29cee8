/** Executes steps beside each other and gives what came of them, as far as it still fits what is known by then. */
import type { StepStart } from "#runner/core/action.ts";
import type { LedgerEvent, Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { lostSpend } from "#runner/core/money/lost-spend.ts";
import { withOwnGrant } from "#runner/core/money/own-grant.ts";
import { unitKey } from "#runner/core/parallel.ts";
import { partedRuns } from "#runner/protocol/parted.ts";
import { keptTransaction, spendOf } from "#runner/protocol/kept-transaction.ts";
import { observedTip } from "#runner/protocol/observed-tip.ts";
import { rebase } from "#runner/protocol/rebase.ts";
import { BegunLog } from "#runner/repo/begun-log.ts";
import { SpendJournal, type Taken } from "#runner/repo/spend-journal.ts";
import { abandonStep, executeStep } from "./carry-step.ts";
import type { Engine, View } from "./engine.ts";
import { InFlight } from "./in-flight.ts";
import { tellOvertaken } from "./overtaken.ts";
import { Remembered } from "./remembered.ts";
import { NEVER } from "./unless-stopped.ts";

/** How often an attempt may end its own runner before it counts as crashed. */
const MOST_DEATHS = 5;
/** Well below the time that a claim lasts. */
const HEARTBEAT_MS = 30_000;

export class StepRunner {
  readonly #engine: Engine;
  readonly #signal: AbortSignal;
  readonly #inFlight = new InFlight();
  readonly #remembered = new Remembered();
  readonly #begun: BegunLog;
  readonly #journal: SpendJournal;
  /** Units at work whose results are not kept. */
  readonly #parted = new Set<string>();
  readonly #cuts = new Map<string, AbortController>();
  /** By run: what ends any of its steps ends all of them. */
  readonly #signals = new Map<string, AbortSignal>();
  readonly #stop = new AbortController();

  constructor(engine: Engine, signal: AbortSignal) {
    this.#engine = engine;
    this.#signal = signal;
    this.#begun = new BegunLog(engine.repository);
    this.#journal = new SpendJournal(engine.repository);
  }

  /** Nothing is at work any more when it resolves: effects come to their end, all else is cut off; gives what came of them. */
  async stop(): Promise<readonly Transaction[]> {
    this.#stop.abort();
    const ended = await this.#inFlight.ended();
    this.#begun.close();
    this.#journal.close();
    return ended.flatMap((result) => (wasCutOff(result) ? spendOf(result) : [result]));
  }

  /** Keys of the units at work. */
  get units(): ReadonlySet<string> {
    return this.#inFlight.units;
  }

  get starts(): readonly StepStart[] {
    return this.#inFlight.starts;
  }

  /** Grants of attempts that a killed process of this clone has left, as taken as it has written down; before anything is at work. */
  leftBehind({ observed }: View): readonly Transaction[] {
    const { known } = this.#journal;
    if (known.size === 0) return [];
    const grants = observed.summaries.workspace.money?.grants ?? [];
    const lost = lostSpend(observed, known, this.#engine.clock());
    this.#journal.keep(new Set(grants.map(({ grant }) => grant)));
    return lost;
  }

  /** Permissions that are about to be published: from now on it is written down what is taken of their grants. */
  expecting(permissions: readonly Transaction[]): readonly Transaction[] {
    const grants = permissions.flatMap(({ event }) =>
      event.kind === "spend-granted" ? [event.grant] : [],
    );
    this.#journal.open(grants);
    return permissions;
  }

  start(view: View, planned: StepStart): void {
    const action = withOwnGrant(view.observed, planned);
    const { project, run, step, item, attempt, agent } = action;
    const pipeline = view.observed.runs.get(run)?.record.pipeline ?? "";
    const at = this.#engine.clock();
    const turn = action.iteration === undefined ? {} : { iteration: action.iteration };
    const who = { project, run, pipeline, step, item, attempt, ...turn, agent };
    this.#engine.onProgress({ kind: "step-started", at, ...who });
    // What reaches the outside world is not cut off half-way: it ends by itself, or at its wall clock.
    const signal = action.effect === null ? this.#signalFor(action.run) : NEVER;
    const tell = (news: Transaction): void => this.#inFlight.tell(news);
    const hold = (amount: Taken): void => {
      if (action.grantName !== undefined) this.#journal.note(action.grantName, amount);
    };
    const facts = { action, signal, remembered: this.#remembered, tell, hold };
    const key = JSON.stringify([run, step, item, attempt]);
    const deaths = this.#begun.times(key);
    this.#begun.begin(key);
    const work =
      deaths < MOST_DEATHS
        ? executeStep(this.#engine, view, facts)
        : Promise.resolve(abandonStep(view, action, { at, times: deaths }));
    this.#inFlight.add(
      action,
      work.finally(() => this.#begun.end(key)),
    );
  }

  /** Ends the steps of these runs that have no external effect; what comes of them is `cancelled`. */
  cutOff(runs: ReadonlySet<string>): void {
    for (const run of runs) this.#cuts.get(run)?.abort();
  }

  #signalFor(run: string): AbortSignal {
    const known = this.#signals.get(run);
    if (known !== undefined) return known;
    const cut = new AbortController();
    const signal = AbortSignal.any([this.#signal, this.#stop.signal, cut.signal]);
    this.#cuts.set(run, cut);
    this.#signals.set(run, signal);
    return signal;
  }

  /** What is seen from now on. A unit at work that was begun with results which others have replaced is made from what nobody has. */
  seeing(before: View, after: View): View {
    const parted = partedRuns(before.observed, after.observed);
    for (const start of this.starts) {
      if (start.effect === null && parted.has(start.run)) this.#parted.add(unitKey(start));
    }
    return after;
  }

  /** Results as they may be booked on what is known now, which others may have changed since the steps began. */
  fitting(results: readonly Transaction[], observed: Observed): readonly Transaction[] {
    const made = results.flatMap((result) =>
      this.#isParted(result.event) ? spendOf(result) : [result],
    );
    return fitting(this.#engine, made, observed);
  }

  #isParted(event: LedgerEvent): boolean {
    if (event.kind === "step-checkpointed") return this.#parted.has(unitKey(event));
    return event.kind === "step-finished" && this.#parted.delete(unitKey(event));
  }

  /** Waits for results and checkpoints, and not for ever; a step that was cut off by an interruption leaves no result: the next tick does it again. */
  async landed(): Promise<readonly Transaction[]> {
    const landed = await this.#inFlight.landed(this.#engine.heartbeatMs ?? HEARTBEAT_MS);
    if (!this.#signal.aborted) return landed;
    return landed.flatMap((result) => (wasCutOff(result) ? spendOf(result) : [result]));
  }
}

/** Whether work goes on that others should hear of: nothing came for a while, or it was saved half-way. */
export function isLasting(landed: readonly Transaction[]): boolean {
  return landed.length === 0 || landed.some(({ event }) => event.kind === "step-checkpointed");
}

function wasCutOff({ event }: Transaction): boolean {
  return event.kind === "step-finished" && event.outcome === "cancelled";
}

/** The same of results that were not begun here. */
export function fitting(
  engine: Engine,
  results: readonly Transaction[],
  observed: Observed,
): readonly Transaction[] {
  const { kept, dropped } = rebase(results, observedTip(results, observed));
  tellOvertaken(engine, dropped);
  return kept.map((recorded) => keptTransaction(recorded, results));
}
