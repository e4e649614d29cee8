/** What is durable with one runner, and how it reaches the origin: the publish protocol, interpreted in memory. */
import type { Observed } from "#runner/core/model.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { startPublish, type PublishFact, type PublishStop } from "#runner/protocol/publish.ts";
import { observed, type Group, type Remote } from "./remote.ts";
import { asTransaction, tipOf } from "./tip.ts";
import type { Rules } from "./world.ts";

/** Whether the origin hears of a push, and whether its answer is heard. */
export type PushFate = "answered" | "request-lost" | "answer-lost";

/** What lies between a clone and the origin. */
export interface Network {
  readonly remote: Remote;
  readonly rules: Pick<Rules, "nextPublish" | "rebase">;
  readonly fateOfPush: () => PushFate;
  readonly isReachable: () => boolean;
}

/** `as-seen`: nobody was faster. `uncertain` may have landed. */
export type Published = "as-seen" | "rebuilt" | Exclude<PublishStop, "nothing-left">;

/** At every `yield` the process may be stopped, or end. */
export type Work<Value = void> = Generator<undefined, Value, undefined>;

export class Clone {
  readonly #network: Network;
  readonly #name: string;
  #pending: readonly Group[] = [];
  #base = 0;
  observed: Observed;

  constructor(name: string, network: Network) {
    this.#name = name;
    this.#network = network;
    this.observed = { ...network.remote.observed, self: name };
  }

  get pending(): readonly Transaction[] {
    return this.#pending.flat();
  }

  /** Others have added something since. */
  get isBehind(): boolean {
    return this.#base !== this.#network.remote.tip;
  }

  book(group: Group): void {
    if (group.length === 0) return;
    this.#pending = [...this.#pending, group];
    this.observed = group.reduce(observed, this.observed);
  }

  follow(): void {
    this.#base = this.#network.remote.tip;
    this.observed = { ...this.#network.remote.observed, self: this.#name };
  }

  /** The origin has all of it, whether or not others have built on it. */
  hasLanded(): boolean {
    return this.#landedIn() >= 0;
  }

  /** What others have added since is not seen by this. */
  settle(): void {
    const landed = this.#landedIn();
    this.#base = landed < 0 ? this.#network.remote.tip : landed + 1;
    this.#pending = [];
  }

  /** What of the pending is not at the origin: a crash may have cut off a push before anything was known of it. */
  get unknown(): readonly Transaction[] {
    const { groups } = this.#network.remote;
    return this.#pending.filter((group) => !groups.includes(group)).flat();
  }

  rebuild(): void {
    const pending = this.unknown;
    this.follow();
    const { rules, remote } = this.#network;
    const { kept } = rules.rebase(pending, tipOf(pending, remote.observed, remote.closed));
    this.#pending = [];
    this.book(kept.map((one) => asTransaction(one, pending)));
  }

  *publish(): Work<Published> {
    if (this.#pending.length === 0) return "as-seen";
    let isRebuilt = false;
    let step = startPublish();
    for (;;) {
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
      step = this.#network.rules.nextPublish(step, this.#perform(command.kind));
    }
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
        this.rebuild();
        return { kind: "rebuilt", outcome: this.#pending.length > 0 ? "ready" : "nothing-left" };
    }
  }

  #push(): PublishFact {
    const fate = this.#network.fateOfPush();
    if (fate === "request-lost") return { kind: "pushed", outcome: "unknown" };
    const isAccepted = this.#network.remote.push(this.#base, this.#pending);
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
