/** What drafts save while an agent is at work on them, and what must be true of it. */
import type { StepStart } from "#runner/core/action.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { isOfUnit, type Checkpoints } from "#runner/core/checkpoint.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { checkpointed } from "#runner/loop/checkpointed.ts";
import type { View } from "#runner/loop/engine.ts";
import { keptTransaction } from "#runner/protocol/kept-transaction.ts";
import { observedTip } from "#runner/protocol/observed-tip.ts";
import type { Clone } from "./clone.ts";
import type { World } from "./world.ts";

const NAME = "progress";

/** Where the work stands, under a name that no other one has. */
interface Saved {
  readonly id: string;
  readonly done: number;
}

interface Published extends Saved {
  readonly key: string;
  readonly savedAt: string;
  /** So many commits the origin had with it. */
  readonly tip: number;
}

type Unit = Pick<StepStart, "run" | "step" | "item">;

export class Shelf {
  readonly #report: (violation: string) => void;
  /** In the order in which they were accepted. */
  readonly #published = new Map<string, Published[]>();

  constructor(report: (violation: string) => void) {
    this.#report = report;
  }

  see({ change, values }: Transaction, tip: number): void {
    if (change.kind !== "checkpoints") return;
    const { record } = change;
    const saved = savedIn(values.get(record.checkpoints[NAME]?.digest ?? ""));
    if (saved === null) return;
    const before = this.#of(record);
    const last = before.at(-1);
    const { key, savedAt } = record;
    if (last?.key === key && savedAt < last.savedAt) {
      this.#report(`${saved.id} took the place of ${last.id}, which was saved after it`);
    }
    this.#published.set(nameOf(record), [...before, { ...saved, key, savedAt, tip }]);
  }

  /** An attempt begins in a clone with what it was given. */
  expect(
    start: Unit,
    given: { readonly key: string; readonly saved: Saved | null },
    clone: Clone,
  ): void {
    const seen = this.#of(start).filter(({ tip }) => clone.hasSeen(tip));
    const newest = seen.at(-1);
    const { key, saved } = given;
    if (newest === undefined || newest.key !== key || newest.id === saved?.id) return;
    if (saved === null) this.#report(`${newest.id} was lost`);
    else if (seen.some(({ id }) => id === saved.id)) {
      this.#report(`an attempt began with ${saved.id}, and not with ${newest.id}`);
    }
  }

  #of(unit: Unit): readonly Published[] {
    return this.#published.get(nameOf(unit)) ?? [];
  }
}

/** The agent of one runner, as far as it saves something. */
export class Saver {
  readonly #world: World;
  readonly #clone: Clone;
  readonly #name: string;
  #saved = 0;
  #work: { readonly start: StepStart; readonly key: string; done: number } | null = null;

  constructor(name: string, world: World, clone: Clone) {
    this.#name = name;
    this.#world = world;
    this.#clone = clone;
  }

  begin({ observed }: View, start: StepStart): void {
    const run = observed.runs.get(start.run);
    this.#work = null;
    if (!this.#world.isSaving || start.step !== "draft" || run === undefined) return;
    // Those before it in the plan took their time; others may have done it meanwhile.
    if (run.attempts.some((one) => isOfUnit(one, start) && one.attempt >= start.attempt)) return;
    const key = digestOf(start.inputs);
    const saved = savedIn(this.#world.rules.checkpointsFor(run, start, key).get(NAME));
    this.#world.shelf.expect(start, { key, saved }, this.#clone);
    this.#work = { start, key, done: saved?.done ?? 0 };
  }

  /** One more piece is done; true when that is booked. */
  save(at: string): boolean {
    const work = this.#work;
    if (work === null || !this.#world.random.chance(0.3)) return false;
    this.#saved += 1;
    work.done += 1;
    const id = `${this.#name}-${this.#saved}`;
    const all: Checkpoints = new Map([[NAME, { id, done: work.done }]]);
    const made = [checkpointed({ ...work.start, key: work.key }, all, at)];
    const tip = observedTip(made, this.#clone.observed);
    const { kept } = this.#world.rules.rebase(made, tip);
    this.#clone.book(kept.map((one) => keptTransaction(one, made)));
    return kept.length > 0;
  }
}

function savedIn(value: unknown): Saved | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("id" in value) || !("done" in value)) return null;
  return { id: String(value.id), done: Number(value.done) };
}

function nameOf({ run, step, item }: Unit): string {
  return JSON.stringify([run, step, item]);
}
