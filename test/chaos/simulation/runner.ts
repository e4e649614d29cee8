/** One runner as a generator: at every `yield` it may be stopped for a while, or for ever. */
import { isStart } from "#runner/carry-out.ts";
import type { Action, Plan, StepStart } from "#runner/core/action.ts";
import { addMs } from "#runner/core/instant.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { startable } from "#runner/core/parallel.ts";
import { plan } from "#runner/core/plan.ts";
import { PayloadDraft } from "#runner/core/transaction.ts";
import { blankAttempt } from "#runner/loop/blank-attempt.ts";
import { applyProject, finishRun, settleRequest, startRun } from "#runner/loop/carry-run.ts";
import { endWait } from "#runner/loop/carry-wait.ts";
import { adoptStep, intend, recorded } from "#runner/loop/carry-step.ts";
import type { View } from "#runner/loop/engine.ts";
import { claimed } from "#runner/protocol/lease.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { Clone, type Work } from "./clone.ts";
import { PEOPLE } from "./company.ts";
import { asTransaction, tipOf } from "./tip.ts";
import { Line, type World } from "./world.ts";

interface Circumstances {
  /** The origin cannot be reached: free work goes on, nothing reaches the outside world. */
  readonly isAway: boolean;
}

export class Runner {
  readonly name: string;
  readonly #world: World;
  readonly #skewMs: number;
  readonly #line: Line;
  readonly #clone: Clone;
  #clock = 0;
  /** The tick that goes on; null between two. */
  #tick: Work | null = null;

  constructor(name: string, world: World) {
    this.name = name;
    this.#world = world;
    this.#skewMs = Math.round((world.random.next() - 0.5) * world.faults.skewMs);
    this.#line = new Line(world);
    this.#clone = new Clone(name, this.#line);
  }

  /** One more piece of work; a tick that is over begins anew. */
  step(): void {
    this.#tick ??= this.#work();
    if (this.#tick.next().done === true) this.#tick = null;
  }

  /** The process is gone; what was durable is there when it starts again. */
  crash(): void {
    this.#tick = null;
    this.#world.crashes += 1;
  }

  get isBusy(): boolean {
    return this.#tick !== null;
  }

  *#work(): Work {
    yield;
    const caught = yield* this.#catchUp();
    if (caught === "conflict") return;
    const circumstances = { isAway: caught === "away" };
    for (let round = 0; round < 40; round += 1) {
      const next = this.#plan();
      const transactions = next.actions.flatMap((action) => this.#bookable(action));
      yield;
      if (transactions.length > 0) this.#clone.book(transactions);
      else if (!(yield* this.#startReady(next, circumstances))) {
        if (yield* this.#letGo(circumstances)) return;
      }
    }
  }

  *#catchUp(): Work<"current" | "away" | "conflict"> {
    const clone = this.#clone;
    if (!this.#line.isReachable()) return "away";
    if (clone.pending.length === 0) {
      clone.follow();
      return "current";
    }
    const asks = clone.unknown.some(
      ({ event: { kind } }) => kind === "effect-intended" || kind === "work-claimed",
    );
    // Nothing is known of a push that a crash cut off: what the origin has of it is not pending any more.
    if (clone.hasLanded()) clone.settle();
    else if (asks) clone.rebuild();
    yield;
    const published = yield* clone.publish();
    if (published === "contended") return "conflict";
    if (published !== "as-seen" && published !== "rebuilt") return "away";
    if (clone.isBehind) clone.rebuild();
    return "current";
  }

  #plan(): Plan {
    const { workspace } = this.#world;
    for (;;) {
      const next = plan(workspace, this.#clone.observed, this.#at());
      if (next.wants.length === 0) return next;
      const bases = next.wants.flatMap((want) => (want.kind === "receipt" ? [want.base] : []));
      const absent = bases.map((base) => [base, null] as const);
      const receipts = new Map([...absent, ...this.#clone.observed.receipts]);
      this.#clone.observed = { ...this.#clone.observed, receipts };
    }
  }

  #bookable(action: Action): readonly Transaction[] {
    const [view, at] = [this.#view(), this.#at()];
    switch (action.kind) {
      case "project-apply":
        return [applyProject(action, at)];
      case "request-settle":
        return [settleRequest(action, at)];
      case "run-start":
        return [startRun(view, action, at)];
      case "run-finish":
        return [finishRun(view, action, at)];
      case "run-cancel":
        return [finishRun(view, action, at)];
      case "wait-end":
        return [endWait(action, at)];
      case "step-adopt":
        return [adoptStep(view, action, at)];
      case "step-start":
      case "step-compensate":
      case "deliver":
      case "edit-adopt":
      case "goal-measure":
      case "gate-open":
      case "gate-settle":
      case "gate-note":
      case "project-stall":
      case "resource-prune":
      case "effect-answer":
      case "state-compact":
        return [];
    }
  }

  /** True when something was started. */
  *#startReady({ actions }: Plan, { isAway }: Circumstances): Work<boolean> {
    const ready = actions.filter(isStart);
    const planned = isAway ? ready.filter(({ effect }) => effect === null) : ready;
    const chosen = startable(planned, [], this.#clone.observed);
    if (chosen.length === 0) return false;
    const permissions = isAway ? [] : [...this.#claim(chosen), ...this.#intents(chosen)];
    this.#clone.book(permissions);
    yield;
    if (permissions.length > 0 && this.#world.rules.publishesIntents) {
      const published = yield* this.#clone.publish();
      if (published !== "as-seen") return published === "rebuilt";
    }
    for (const start of chosen) yield* this.#execute(start);
    return true;
  }

  *#execute(start: StepStart): Work {
    const view = this.#view();
    this.#world.executed += 1;
    yield;
    let outcome: Outcome = "succeeded";
    if (start.effect !== null) {
      const { asksOnly } = this.#world.rules;
      const how = { isAgain: start.resume, askOnly: asksOnly && start.askOnly === true };
      if (!this.#world.act(start.effect.key, how)) outcome = "uncertain";
      yield;
    }
    const result = this.#resultOf(view, start, outcome);
    const before = this.#clone.observed;
    const [fits] = this.#world.rules.rebase([result], tipOf([result], before)).kept;
    if (fits !== undefined) this.#clone.book([asTransaction(fits, [result])]);
    yield;
  }

  #resultOf(view: View, start: StepStart, outcome: Outcome): Transaction {
    const at = this.#at();
    const payload = new PayloadDraft(at);
    const blank = blankAttempt(view, start, payload);
    const outputs = this.#outputsOf(start);
    const attempt = {
      ...blank,
      ...(start.effect === null ? {} : { effect: { ...start.effect } }),
      outputs: outcome === "succeeded" ? payload.addValue(outputs) : null,
      startedAt: at,
      finishedAt: at,
      outcome,
    };
    return recorded(view, { action: start, attempt, payload, pending: [], ms: 1, started: true });
  }

  /** Agents are not deterministic: two executions of one step give different outputs. */
  #outputsOf({ step, inputs }: StepStart): object {
    const mark = this.#world.random.below(1e9);
    return step === "find"
      ? { people: PEOPLE.map((name) => ({ name })), mark, turn: inputs["turn"] ?? null }
      : { text: `text ${mark}`, madeFrom: inputs["mark"] ?? null };
  }

  #claim(chosen: readonly StepStart[]): readonly Transaction[] {
    const { rules } = this.#world;
    const own = this.#clone.observed.runners.find(({ runner }) => runner === this.name);
    const runs = chosen.map(({ run }) => run);
    return rules.mustClaim(own, runs, this.#at()) ? [this.#claimOf(runs)] : [];
  }

  #claimOf(runs: readonly string[]): Transaction {
    const now = this.#at();
    const record = this.#world.rules.claim(this.#clone.observed.runners, {
      runner: this.name,
      runs,
      now,
    });
    return claimed(record, now);
  }

  #intents(chosen: readonly StepStart[]): readonly Transaction[] {
    return chosen
      .filter(({ effect, resume }) => effect !== null && !resume)
      .map((start) => intend(this.#view(), start, this.#at()));
  }

  /** True when all is published and nothing has changed. */
  *#letGo({ isAway }: Circumstances): Work<boolean> {
    const own = this.#clone.observed.runners.find(({ runner }) => runner === this.name);
    if (!isAway && own !== undefined && own.runs.length > 0) this.#clone.book([this.#claimOf([])]);
    yield;
    return (yield* this.#clone.publish()) !== "rebuilt";
  }

  #view(): View {
    return { refs: new Map(), workspace: this.#world.workspace, observed: this.#clone.observed };
  }

  /** This runner's idea of the time, later at every call. */
  #at(): string {
    this.#clock += 1;
    return addMs(this.#world.now, this.#skewMs + (this.#clock % 1000));
  }
}
