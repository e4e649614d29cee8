/** What is durable with one runner, and how it reaches the origin: the publish protocol, interpreted in memory. */
import type { Observed } from "#runner/core/model.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { startPublish, type PublishFact, type PublishStop } from "#runner/protocol/publish.ts";
import { canJoin } from "#runner/protocol/join.ts";
import { isPermission } from "#runner/protocol/rebase.ts";
import { keptTransaction } from "#runner/protocol/kept-transaction.ts";
import { observedTip } from "#runner/protocol/observed-tip.ts";
import { lookedUp } from "./compacting.ts";
import { observed, type Group, type Remote } from "./remote.ts";
import { recordedIn } from "./recorded.ts";
import type { Rules } from "./world.ts";

/** Whether the origin hears of a push, and whether its answer is heard; `locked` and `refused`: it hears, and nothing moves. */
export type PushFate = "answered" | "request-lost" | "answer-lost" | "locked" | "refused";

/** What lies between a clone and the origin. */
export interface Network {
  readonly remote: Remote;
  readonly rules: Pick<
    Rules,
    "nextPublish" | "rebase" | "stopsWhenSetBack" | "joinsOffered" | "readsJoined"
  >;
  /** A permission was published that a process has booked which is gone: nobody asks for it. */
  readonly onOrphan?: () => void;
  /** So many commits were spared. */
  readonly onJoined?: (spared: number) => void;
  /** So much of what the origin has was taken for unknown there. */
  readonly onResaid?: (again: number) => void;
  /** More was tried than anybody should. */
  readonly onInsisted?: (pushes: number) => void;
  readonly fateOfPush: () => PushFate;
  readonly isReachable: () => boolean;
}

/** `as-seen`: nobody was faster. `uncertain` may have landed. */
export type Published = "as-seen" | "rebuilt" | Exclude<PublishStop, "nothing-left">;

/** At every `yield` the process may be stopped, or end. */
export type Work<Value = void> = Generator<undefined, Value, undefined>;

/** Whoever is not heard by then tries again with the next tick. */
const MOST_PUSHES = 8;

export class Clone {
  readonly #network: Network;
  readonly #name: string;
  /** How often others were faster. */
  rebuilds = 0;
  #pending: readonly Group[] = [];
  /** How many of them the origin may know, or another process has made. */
  #offered = 0;
  #base = 0;
  /** The newest that it has seen at the origin. */
  #seen: Group | undefined;
  /** What a process has booked that is gone. */
  readonly #orphans = new Set<Group>();
  /** What was observed without what is pending. */
  #ground: Observed;
  observed: Observed;

  constructor(name: string, network: Network) {
    this.#name = name;
    this.#network = network;
    this.observed = { ...network.remote.observed, self: name };
    this.#ground = this.observed;
  }

  get pending(): readonly Transaction[] {
    return this.#pending.flat();
  }

  /** Commits that are not known to be at the origin. */
  get waiting(): number {
    return this.#pending.length;
  }

  /** So many commits of the origin it builds on. */
  get base(): number {
    return this.#base;
  }

  /** Others have added something since. */
  get isBehind(): boolean {
    return this.#base !== this.#network.remote.tip;
  }

  /** The origin lacks what it had accepted before. */
  get isParted(): boolean {
    const { rules, remote } = this.#network;
    return (
      rules.stopsWhenSetBack && this.#seen !== undefined && !remote.groups.includes(this.#seen)
    );
  }

  /** Whether what it builds on holds the first `count` that the origin has accepted. */
  hasSeen(count: number): boolean {
    return this.#base >= count;
  }

  /** What a crash has cut off from its publication was never acted on: it is asked for anew. */
  dropPermissions(): void {
    const { pending } = this;
    if (!pending.some(asksPermission)) return;
    const { rules, remote } = this.#network;
    const { kept } = rules.rebase(pending, observedTip(pending, this.#ground, remote.closed));
    this.#pending = [];
    this.observed = this.#ground;
    this.book(kept.map((one) => keptTransaction(one, pending)));
    this.#offered = this.#pending.length;
  }

  /** A new process: what was booked before is the work of another one. */
  forget(): void {
    for (const group of this.#pending) this.#orphans.add(group);
    this.#offered = this.#pending.length;
  }

  book(group: Group): void {
    if (group.length === 0) return;
    this.#pending = [...this.#pending, group];
    this.observed = group.reduce(observed, this.observed);
  }

  follow(): void {
    this.#base = this.#network.remote.tip;
    this.#seen = this.#network.remote.groups.at(-1);
    this.observed = { ...this.#network.remote.observed, self: this.#name };
    this.#ground = this.observed;
  }

  /** The origin has all of it, whether or not others have built on it. */
  hasLanded(): boolean {
    return this.#landedIn() >= 0;
  }

  /** What others have added since is not seen by this. */
  settle(): void {
    const landed = this.#landedIn();
    // It may have been taken back since: then it is missed there.
    this.#base = landed < 0 ? this.#base + this.#pending.length : landed + 1;
    if (landed < 0 || !this.isParted) this.#seen = this.#pending.at(-1) ?? this.#seen;
    this.#pending = [];
    this.#offered = 0;
    this.#ground = this.observed;
  }

  /** A file of lines, as the newest compaction that this clone holds has left it. */
  textAt(path: string): string | null {
    const { rules, remote } = this.#network;
    if (!rules.readsJoined) return null;
    const { compactions } = remote;
    const seen = compactions.flatMap(([tip, done]) => (this.hasSeen(tip) ? [done] : []));
    const last = [...seen, ...this.pending].findLast(({ texts }) => texts.has(path));
    return last?.texts.get(path) ?? null;
  }

  /** What of the pending is not at the origin: a crash may have cut off a push before anything was known of it. */
  get unknown(): readonly Transaction[] {
    const { groups } = this.#network.remote;
    return this.#pending.filter((group) => !groups.includes(group)).flat();
  }

  rebuild(): void {
    this.rebuilds += 1;
    const pending = this.unknown;
    this.follow();
    const { rules, remote } = this.#network;
    const known = new Set(remote.groups.flat());
    this.#network.onResaid?.(pending.filter((one) => known.has(one)).length);
    const tip = observedTip(pending, this.#withReceipts(pending), remote.closed);
    const { kept } = rules.rebase(pending, tip);
    this.#pending = [];
    this.book(kept.map((one) => keptTransaction(one, pending)));
    this.#offered = this.#pending.length;
  }

  /** With what the newest state says of the effects that these are about, joined or not. */
  #withReceipts(pending: readonly Transaction[]): Observed {
    if (this.#network.remote.compactions.length === 0) return this.observed;
    const bases = pending.flatMap(({ event }) =>
      "effect" in event && event.effect !== null ? [event.effect.base] : [],
    );
    const wants = bases.map((base) => ({ kind: "receipt", base }) as const);
    return lookedUp(this.observed, wants, (path) => this.textAt(path));
  }

  *publish(): Work<Published> {
    if (this.#pending.length === 0) return "as-seen";
    // A death between the two is that of a push whose request was lost.
    this.#join();
    this.#offered = this.#pending.length;
    let isRebuilt = false;
    let step = startPublish();
    for (let pushes = 0; ;) {
      const { command } = step;
      yield;
      if (command.kind === "settle") {
        this.settle();
        return isRebuilt ? "rebuilt" : "as-seen";
      }
      if (command.kind === "stop") {
        return command.reason === "nothing-left" ? "rebuilt" : command.reason;
      }
      isRebuilt ||= command.kind === "rebuild";
      if (command.kind === "push") pushes += 1;
      if (this.#insists(pushes)) return "contended";
      step = this.#network.rules.nextPublish(step, this.#perform(command.kind));
    }
  }

  /** What nobody else has heard of becomes one commit. */
  #join(): void {
    const first = this.#network.rules.joinsOffered ? 0 : this.#offered;
    const [known, fresh] = [this.#pending.slice(0, first), this.#pending.slice(first)];
    if (fresh.length < 2) return;
    const booked = fresh.flatMap((group) => recordedIn([group], group));
    if (!canJoin(booked, recordedIn(fresh, fresh.flat()))) return;
    this.#network.onJoined?.(fresh.length - 1);
    this.#pending = [...known, fresh.flat()];
  }

  #insists(pushes: number): boolean {
    if (pushes > MOST_PUSHES) this.#network.onInsisted?.(pushes);
    return pushes > MOST_PUSHES;
  }

  #perform(command: "push" | "look" | "fetch" | "rebuild"): PublishFact {
    switch (command) {
      case "push":
        return this.#push();
      case "look":
        return { kind: "looked", look: this.#look() };
      case "fetch":
        return { kind: "fetched", isReachable: this.#network.isReachable() };
      case "rebuild":
        if (this.isParted) return { kind: "rebuilt", outcome: "parted" };
        this.rebuild();
        return { kind: "rebuilt", outcome: this.#pending.length > 0 ? "ready" : "nothing-left" };
    }
  }

  #push(): PublishFact {
    const fate = this.#network.fateOfPush();
    if (fate === "request-lost") return { kind: "pushed", outcome: "unknown" };
    if (fate === "locked" || fate === "refused") return { kind: "pushed", outcome: fate };
    const orphans = this.#pending.filter((group) => this.#orphans.has(group));
    const news = orphans.filter((group) => !this.#network.remote.groups.includes(group)).flat();
    const isAccepted = this.#network.remote.push(this.#base, this.#pending);
    if (isAccepted && news.some(asksPermission)) this.#network.onOrphan?.();
    if (fate === "answer-lost") return { kind: "pushed", outcome: "unknown" };
    return { kind: "pushed", outcome: isAccepted ? "ok" : "moved" };
  }

  #look(): "landed" | "untouched" | "moved" | "unreachable" {
    if (!this.#network.isReachable()) return "unreachable";
    if (this.hasLanded()) return "landed";
    return this.isBehind ? "moved" : "untouched";
  }

  #landedIn(): number {
    const last = this.#pending.at(-1);
    return last === undefined ? -1 : this.#network.remote.groups.indexOf(last);
  }
}

export function asksPermission({ event }: Transaction): boolean {
  return isPermission(event);
}
