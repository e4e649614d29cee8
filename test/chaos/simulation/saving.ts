/** What drafts save while an agent is at work on them, and what must be true of it. */
import type { StepStart } from "#runner/core/action.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { isOfUnit, type Checkpoints } from "#runner/core/checkpoint.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { checkpointed } from "#runner/loop/checkpointed.ts";
import type { View } from "#runner/loop/engine.ts";
import { keptTransaction } from "#runner/protocol/kept-transaction.ts";
import { observedTip } from "#runner/protocol/observed-tip.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { Clone } from "./clone.ts";
import type { World } from "./world.ts";

const NAME = "progress";

/** Where the work stands, under a name that no other one has, and when that was so. */
interface Saved {
  readonly id: string;
  readonly done: number;
  readonly when: string;
}

/** What somebody builds on. */
interface Ground {
  readonly hasSeen: (count: number) => boolean;
}

/** What an agent at work has saved. */
export interface Kept {
  readonly start: StepStart;
  readonly key: string;
  readonly all: Checkpoints;
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
  readonly #marginMs: number;
  /** In the order in which they were accepted. */
  readonly #published = new Map<string, Published[]>();

  /** `marginMs`: how far clocks are apart. */
  constructor(report: (violation: string) => void, marginMs: number) {
    this.#report = report;
    this.#marginMs = marginMs;
  }

  see({ change, values }: Transaction, tip: number): void {
    if (change.kind !== "checkpoints") return;
    const { record } = change;
    const saved = savedIn(values.get(record.checkpoints[NAME]?.digest ?? ""));
    if (saved === null) return;
    const before = this.#of(record);
    const last = before.at(-1);
    const { key, savedAt } = record;
    if (last?.key === key && addMs(saved.when, this.#marginMs) < last.when) {
      this.#report(`${saved.id} took the place of ${last.id}, which was saved after it`);
    }
    this.#published.set(nameOf(record), [...before, { ...saved, key, savedAt, tip }]);
  }

  /** An attempt begins in a clone with what it was given. */
  expect(
    start: Unit,
    given: { readonly key: string; readonly saved: Saved | null },
    ground: Ground,
  ): void {
    const seen = this.#of(start).filter(({ tip }) => ground.hasSeen(tip));
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

/** The agents of one runner, or machine, as far as they save something. */
export class Saver {
  readonly #world: World;
  readonly #ground: Ground;
  readonly #name: string;
  #saved = 0;
  #work: { readonly start: StepStart; readonly key: string; done: number } | null = null;

  constructor(name: string, world: World, ground: Ground) {
    this.#name = name;
    this.#world = world;
    this.#ground = ground;
  }

  begin({ observed }: View, start: StepStart): void {
    const run = observed.runs.get(start.run);
    this.#work = null;
    if (!this.#world.isSaving || start.step !== "draft" || run === undefined) return;
    // Those before it in the plan took their time; others may have done it meanwhile.
    if (run.attempts.some((one) => isOfUnit(one, start) && one.attempt >= start.attempt)) return;
    const key = digestOf(start.inputs);
    const saved = savedIn(this.#world.rules.checkpointsFor(run, start, key).get(NAME));
    this.#world.shelf.expect(start, { key, saved }, this.#ground);
    this.#work = { start, key, done: saved?.done ?? 0 };
  }

  /** One more piece is done, now and then; null: none. */
  save(): Kept | null {
    const work = this.#work;
    if (work === null || !this.#world.random.chance(0.3)) return null;
    this.#saved += 1;
    work.done += 1;
    const saved: Saved = {
      id: `${this.#name}-${this.#saved}`,
      done: work.done,
      when: this.#world.now,
    };
    return { start: work.start, key: work.key, all: new Map([[NAME, saved]]) };
  }

  /** The same; true when it is booked. */
  saveInto(clone: Clone, at: string): boolean {
    const saved = this.save();
    if (saved === null) return false;
    const made = [keptAt(saved, at)];
    const { kept } = this.#world.rules.rebase(made, observedTip(made, clone.observed));
    clone.book(kept.map((one) => keptTransaction(one, made)));
    return kept.length > 0;
  }
}

export function keptAt({ start, key, all }: Kept, at: string): Transaction {
  return checkpointed({ ...start, key }, all, at);
}

function savedIn(value: unknown): Saved | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("id" in value && "done" in value && "when" in value)) return null;
  return { id: String(value.id), done: Number(value.done), when: String(value.when) };
}

function nameOf({ run, step, item }: Unit): string {
  return JSON.stringify([run, step, item]);
}
