/** One runner as a generator: at every `yield` it may be stopped for a while, or for ever. */
import { isStart } from "#runner/carry-out.ts";
import type { Action, Plan, StepStart } from "#runner/core/action.ts";
import { addMs } from "#runner/core/instant.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { startable } from "#runner/core/parallel.ts";
import { plan } from "#runner/core/plan.ts";
import { PayloadDraft } from "#runner/core/transaction.ts";
import { blankAttempt } from "#runner/loop/blank-attempt.ts";
import { applyProject, finishRun, settleRequest, startRun } from "#runner/loop/carry-run.ts";
import { endWait } from "#runner/loop/carry-wait.ts";
import { adoptStep, intend, recorded } from "#runner/loop/carry-step.ts";
import type { View } from "#runner/loop/engine.ts";
import { claimed } from "#runner/protocol/lease.ts";
import { startPublish, type PublishFact } from "#runner/protocol/publish.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { PEOPLE } from "./company.ts";
import { asTransaction, tipOf } from "./tip.ts";
import { observed } from "./remote.ts";
import type { World } from "./world.ts";

type Work<Value = void> = Generator<undefined, Value, undefined>;

export class Runner {
  readonly name: string;
  readonly #world: World;
  readonly #skewMs: number;
  /** Durable in this clone, not yet at the origin. */
  #pending: readonly Transaction[] = [];
  #base = 0;
  #observed: Observed;
  #clock = 0;
  /** The tick that goes on; null between two. */
  #tick: Work | null = null;

  constructor(name: string, world: World) {
    this.name = name;
    this.#world = world;
    this.#skewMs = Math.round((world.random.next() - 0.5) * world.faults.skewMs);
    this.#observed = { ...world.remote.observed, self: name };
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
    if (!(yield* this.#catchUp())) return;
    for (let round = 0; round < 40; round += 1) {
      const next = this.#plan();
      const transactions = next.actions.flatMap((action) => this.#bookable(action));
      yield;
      if (transactions.length > 0) this.#book(transactions);
      else if (!(yield* this.#startReady(next)) && (yield* this.#letGo())) return;
    }
  }

  /** False when the origin cannot be reached. */
  *#catchUp(): Work<boolean> {
    const { random, faults, remote } = this.#world;
    if (random.chance(faults.unreachable)) return false;
    if (this.#pending.length === 0) {
      this.#follow();
      return true;
    }
    const asks = this.#pending.some(
      ({ event: { kind } }) => kind === "effect-intended" || kind === "work-claimed",
    );
    // Nothing is known of a push that a crash cut off: what the origin has of it is not pending any more.
    if (this.#hasLanded()) this.#settle();
    else if (asks) this.#rebuild();
    yield;
    if ((yield* this.#publish()) === "failed") return false;
    if (this.#base !== remote.tip) this.#rebuild();
    return true;
  }

  #plan(): Plan {
    const { workspace } = this.#world;
    for (;;) {
      const next = plan(workspace, this.#observed, this.#at());
      if (next.wants.length === 0) return next;
      const bases = next.wants.flatMap((want) => (want.kind === "receipt" ? [want.base] : []));
      const absent = bases.map((base) => [base, null] as const);
      const receipts = new Map([...absent, ...this.#observed.receipts]);
      this.#observed = { ...this.#observed, receipts };
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
  *#startReady({ actions }: Plan): Work<boolean> {
    const planned = actions.filter(isStart);
    const chosen = startable(planned, [], this.#observed);
    if (chosen.length === 0) return false;
    const permissions = [...this.#claim(chosen), ...this.#intents(chosen)];
    this.#book(permissions);
    yield;
    if (permissions.length > 0 && this.#world.rules.publishesIntents) {
      const published = yield* this.#publish();
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
    const before = this.#observed;
    const [fits] = this.#world.rules.rebase([result], tipOf([result], before)).kept;
    if (fits !== undefined) this.#book([asTransaction(fits, [result])]);
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
    const own = this.#observed.runners.find(({ runner }) => runner === this.name);
    const runs = chosen.map(({ run }) => run);
    return rules.mustClaim(own, runs, this.#at()) ? [this.#claimOf(runs)] : [];
  }

  #claimOf(runs: readonly string[]): Transaction {
    const now = this.#at();
    const record = this.#world.rules.claim(this.#observed.runners, {
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
  *#letGo(): Work<boolean> {
    const own = this.#observed.runners.find(({ runner }) => runner === this.name);
    if (own !== undefined && own.runs.length > 0) this.#book([this.#claimOf([])]);
    yield;
    return (yield* this.#publish()) !== "rebuilt";
  }

  *#publish(): Work<"as-seen" | "rebuilt" | "failed"> {
    if (this.#pending.length === 0) return "as-seen";
    const { rules } = this.#world;
    let isRebuilt = false;
    let step = startPublish();
    for (;;) {
      const { command } = step;
      yield;
      if (command.kind === "settle") {
        this.#settle();
        return isRebuilt ? "rebuilt" : "as-seen";
      }
      if (command.kind === "stop") return command.reason === "nothing-left" ? "rebuilt" : "failed";
      if (command.kind === "rebuild") isRebuilt = true;
      step = rules.nextPublish(step, this.#perform(command.kind));
    }
  }

  #perform(command: "push" | "look" | "fetch" | "rebuild"): PublishFact {
    const { random, faults, remote } = this.#world;
    const isReachable = !random.chance(faults.unreachable);
    switch (command) {
      case "push":
        return this.#push();
      case "look": {
        if (!isReachable) return { kind: "looked", look: "unreachable" };
        if (this.#hasLanded()) return { kind: "looked", look: "landed" };
        return { kind: "looked", look: remote.tip === this.#base ? "untouched" : "moved" };
      }
      case "fetch":
        return { kind: "fetched", isReachable };
      case "rebuild":
        this.#rebuild();
        return { kind: "rebuilt", outcome: this.#pending.length > 0 ? "ready" : "nothing-left" };
    }
  }

  #push(): PublishFact {
    const { random, faults, remote } = this.#world;
    this.#world.pushes += 1;
    const isAnswerLost = random.chance(faults.lostAnswer);
    if (isAnswerLost && random.chance(0.5)) return { kind: "pushed", outcome: "unknown" };
    const isAccepted = remote.tip === this.#base;
    if (isAccepted) remote.accept(this.#pending);
    if (isAnswerLost) return { kind: "pushed", outcome: "unknown" };
    return { kind: "pushed", outcome: isAccepted ? "ok" : "moved" };
  }

  /** All that is pending stands at the origin. */
  #hasLanded(): boolean {
    return this.#landedIn() >= 0;
  }

  #landedIn(): number {
    const last = this.#pending.at(-1);
    return last === undefined
      ? -1
      : this.#world.remote.groups.findIndex((group) => group.includes(last));
  }

  /** What others have added since is not seen by this. */
  #settle(): void {
    const landed = this.#landedIn();
    this.#base = landed < 0 ? this.#world.remote.tip : landed + 1;
    this.#pending = [];
  }

  #follow(): void {
    this.#base = this.#world.remote.tip;
    this.#observed = { ...this.#world.remote.observed, self: this.name };
  }

  #rebuild(): void {
    const pending = this.#pending;
    this.#follow();
    const { rules, remote } = this.#world;
    const { kept } = rules.rebase(pending, tipOf(pending, remote.observed, remote.closed));
    this.#pending = [];
    this.#book(kept.map((one) => asTransaction(one, pending)));
  }

  #book(transactions: readonly Transaction[]): void {
    if (transactions.length === 0) return;
    this.#pending = [...this.#pending, ...transactions];
    this.#observed = transactions.reduce(observed, this.#observed);
  }

  #view(): View {
    return { refs: new Map(), workspace: this.#world.workspace, observed: this.#observed };
  }

  /** This runner's idea of the time, later at every call. */
  #at(): string {
    this.#clock += 1;
    return addMs(this.#world.now, this.#skewMs + (this.#clock % 1000));
  }
}
