/** A company in memory: carries plans out without git, programs or waiting, and counts what was done. */
import { addMs } from "#runner/core/time/instant.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { watchedDigest, watchedGlobs } from "#runner/core/delivery.ts";
import { matchesAnyGlob } from "#runner/core/glob.ts";
import type { Action, Deliver, Plan, StepStart } from "#runner/core/action.ts";
import type { LedgerEvent, Transaction } from "#runner/core/ledger-event.ts";
import type { GateFacts, Observed, Workspace } from "#runner/core/model.ts";
import { startable, unitKey } from "#runner/core/parallel.ts";
import { isStart } from "#runner/carry-out.ts";
import { plan } from "#runner/core/plan.ts";
import { observeTransactions } from "#runner/core/observe-transaction.ts";
import { transaction } from "#runner/core/transaction.ts";
import { intend } from "#runner/loop/carry-step.ts";
import type { View } from "#runner/loop/engine.ts";
import type { RequestRecord } from "#runner/schema/types.gen.ts";
import { booked } from "./booked.ts";
import { EMPTY, NOW } from "./core-builders.ts";
import { ADA, says } from "./core-records.ts";
import { finished, type Ending } from "./planned-step.ts";

/** What an agent does when it is asked to. */
export type Agents = Readonly<Record<string, (start: StepStart) => Ending>>;

export class Company {
  workspace: Workspace;
  observed: Observed = EMPTY;
  now = NOW;
  /** Main's files: path to blob. */
  readonly main = new Map<string, string>();
  /** Executions in the order in which they started. */
  readonly executed: StepStart[] = [];
  readonly events: LedgerEvent[] = [];
  readonly #agents: Agents;
  #clock = 0;

  constructor(workspace: Workspace, agents: Agents) {
    this.workspace = workspace;
    this.#agents = agents;
  }

  /** Carries out what is ready until nothing is; the plan that is left. */
  settle(): Plan {
    for (let round = 0; round < 100; round += 1) {
      const next = this.plan();
      if (!this.#carryOut(next)) return next;
    }
    throw new Error("the plan never comes to rest");
  }

  /** Carries out what is ready until an action of this kind is next. */
  settleUntil(kind: Action["kind"]): void {
    let next = this.plan();
    while (!next.actions.some((action) => action.kind === kind) && this.#carryOut(next)) {
      next = this.plan();
    }
  }

  /** The plan of this moment, after what it wants to know was looked up. */
  plan(): Plan {
    this.#watch();
    for (;;) {
      const next = plan(this.workspace, this.observed, this.now);
      if (next.wants.length === 0) return next;
      const { receipts } = this.observed;
      const asked = next.wants.flatMap((want) => (want.kind === "receipt" ? [want.base] : []));
      const absent = asked.map((base) => [base, receipts.get(base) ?? null] as const);
      this.observed = { ...this.observed, receipts: new Map([...receipts, ...absent]) };
      this.#lookForHandled(next);
      this.#lookForCached(next);
      this.#lookAtMain();
    }
  }

  /** Nothing is taken over from runs that this company does not know. */
  #lookForCached({ wants }: Plan): void {
    const found = wants.flatMap((want) => (want.kind === "cached" ? [unitKey(want)] : []));
    const absent = found.map((unit) => [unit, null] as const);
    this.observed = { ...this.observed, cached: new Map([...this.observed.cached, ...absent]) };
  }

  #lookForHandled({ wants }: Plan): void {
    const { handled } = this.observed;
    const runs = wants.flatMap((want) => (want.kind === "handled" ? [want.run] : []));
    const absent = runs.map((run) => [run, handled.get(run) ?? null] as const);
    this.observed = { ...this.observed, handled: new Map([...handled, ...absent]) };
  }

  /** Only the intents of the external effects that are ready: what a crash right after leaves behind. */
  crashAfterIntent(): void {
    const starts = this.plan().actions.filter(isStart);
    const effects = starts.filter(({ effect }) => effect !== null);
    this.#book(effects.map((start) => intend(this.#view(), start, this.#at())));
  }

  wait(ms: number): void {
    this.now = addMs(this.now, ms);
  }

  ask(request: RequestRecord): void {
    this.observed = { ...this.observed, requests: [...this.observed.requests, request] };
  }

  /** The operator merges every open gate; `edit` gives what an item's file holds, undefined for a deleted one. */
  approve(edit: (outputs: unknown) => unknown = (outputs) => outputs): void {
    for (const { record } of this.observed.gates.values()) {
      const values = this.observed.runs.get(record.run)?.values ?? new Map<string, unknown>();
      const items = record.items.flatMap((item) => {
        const outputs = edit(values.get(item.outputs.digest));
        const found = { blob: digestOf(outputs).slice(7, 47), outputs, problem: null };
        return outputs === undefined ? [] : [[item.path, found] as const];
      });
      const deliverables = new Map(record.deliverables.map(({ path, blob }) => [path, blob]));
      for (const [path, blob] of deliverables) this.main.set(path, blob);
      const { commit } = this.workspace;
      const merged = { commit, approver: ADA, says: says("approved"), deliverables };
      this.see(record.id, { onMain: { ...merged, items: new Map(items) } });
    }
  }

  see(gate: string, facts: Partial<GateFacts>): void {
    const found = this.observed.gates.get(gate);
    if (found === undefined) throw new Error(`gate ${gate} is not open`);
    const seen = { ...found, facts: { ...found.facts, ...facts } };
    this.observed = { ...this.observed, gates: new Map(this.observed.gates).set(gate, seen) };
  }

  #carryOut({ actions }: Plan): boolean {
    // Like the loop, all transactions of a group are made from one view.
    const view = this.#view();
    const ready = actions.flatMap((action) => booked(view, action, this.#at()));
    if (ready.length > 0) {
      this.#book(ready);
      return true;
    }
    const planned = actions.filter(isStart);
    const starts = startable(planned, [], this.observed);
    const effects = starts.filter(({ effect, resume }) => effect !== null && !resume);
    this.#book(effects.map((start) => intend(this.#view(), start, this.#at())));
    for (const start of starts) this.#book([this.#execute(start)]);
    if (starts.length > 0) return true;
    const deliveries = actions.filter((action) => action.kind === "deliver");
    this.#book(deliveries.map((action) => this.#deliver(action)));
    return deliveries.length > 0;
  }

  #execute(start: StepStart): Transaction {
    this.executed.push(start);
    const ending = this.#agents[start.agent]?.(start) ?? {};
    return finished(this.#view(), start, { ...ending, at: this.#at() });
  }

  #deliver({ project, paths, setAside, seen }: Deliver): Transaction {
    const files = this.observed.summaries.projects.get(project)?.pending ?? [];
    const delivered = files.filter(({ path }) => paths.includes(path));
    for (const { path, blob } of delivered) this.main.set(path, blob);
    this.#lookAtMain();
    const owned = Object.fromEntries(delivered.map(({ path, blob }) => [path, blob]));
    const { commit } = this.workspace;
    const at = this.#at();
    return transaction({
      event: { kind: "files-delivered", at, project, commit, owned, setAside, seen },
    });
  }

  #book(transactions: readonly Transaction[]): void {
    this.observed = observeTransactions(this.observed, transactions);
    this.events.push(...transactions.map(({ event }) => event));
  }

  /** Later at every call, and later than `now`, as the loop's clock is. */
  #at(): string {
    this.#clock += 1;
    return addMs(this.now, this.#clock);
  }

  #view(): View {
    return { refs: new Map(), workspace: this.workspace, observed: this.observed };
  }

  #lookAtMain(): void {
    const pending = [...this.observed.summaries.projects.values()].flatMap((live) => live.pending);
    const blobs = pending.map(({ path }) => [path, this.main.get(path) ?? null] as const);
    this.observed = { ...this.observed, mainBlobs: new Map(blobs) };
  }

  #watch(): void {
    const watched = [...this.workspace.projects.values()].flatMap((version) =>
      [...version.pipelines].flatMap(([name, { triggers }]) => {
        if (triggers?.changes === undefined) return [];
        const globs = watchedGlobs(version.name, triggers.changes);
        const blobs = new Map([...this.main].filter(([path]) => matchesAnyGlob(globs, path)));
        return [[`${version.name}/${name}`, { digest: watchedDigest(blobs), blobs }] as const];
      }),
    );
    this.observed = { ...this.observed, watched: new Map(watched) };
  }
}
