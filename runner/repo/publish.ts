import type {
  OriginLook,
  PublishFact,
  PublishStep,
  PublishStop,
  Rebuilt,
} from "#runner/protocol/publish.ts";
import { nextPublish, startPublish } from "#runner/protocol/publish.ts";
import { GATE_BRANCHES, MAIN } from "#runner/core/ref-names.ts";
import type { Authority } from "./authority.ts";
import { isAncestor } from "./history.ts";
import type { RefOutcome, RefUpdate } from "./ref-transaction.ts";
import type { Refs } from "./refs.ts";
import type { Repository } from "./repository.ts";

/** Commits that wait to be published, and what the caller does with them. */
export interface Publication {
  /** Who accepts them. */
  readonly authority: Authority;
  /** What the authority must accept together; asked again after a rebuild. */
  readonly updates: () => readonly RefUpdate[];
  /** Applies the facts again on the fetched refs. */
  readonly rebuild: (advertised: Refs) => Promise<Rebuilt>;
  /** Moves the local refs to what was accepted. */
  readonly settle: () => Promise<RefOutcome>;
  /** Waits before a repeated push; attempt 2 is the first that waits. */
  readonly pause: (attempt: number) => Promise<void>;
}

/** `detail` is the last thing the authority or git said. */
export type Published =
  | { readonly kind: "published"; readonly settled: RefOutcome }
  | { readonly kind: "stopped"; readonly reason: PublishStop; readonly detail: string };

/** Carries out the publish protocol: push, and after a lost race fetch, rebuild and push again. */
export async function publish(
  repository: Repository,
  publication: Publication,
  signal?: AbortSignal,
): Promise<Published> {
  const session = new Session(repository, publication, signal);
  let step = startPublish();
  for (;;) {
    const { command } = step;
    if (command.kind === "stop") {
      return { kind: "stopped", reason: command.reason, detail: session.detail };
    }
    if (command.kind === "settle") {
      return { kind: "published", settled: await publication.settle() };
    }
    step = nextPublish(step, await session.perform(command));
  }
}

class Session {
  detail = "";
  readonly #repository: Repository;
  readonly #publication: Publication;
  readonly #signal: AbortSignal | undefined;
  #advertised: Refs = new Map();

  constructor(repository: Repository, publication: Publication, signal: AbortSignal | undefined) {
    this.#repository = repository;
    this.#publication = publication;
    this.#signal = signal;
  }

  async perform(
    command: Exclude<PublishStep["command"], { readonly kind: "stop" | "settle" }>,
  ): Promise<PublishFact> {
    if (command.kind === "push") return this.#push(command.attempt);
    if (command.kind === "look") return { kind: "looked", look: await this.#look() };
    if (command.kind === "fetch") return { kind: "fetched", isReachable: await this.#fetch() };
    return { kind: "rebuilt", outcome: await this.#publication.rebuild(this.#advertised) };
  }

  async #push(attempt: number): Promise<PublishFact> {
    if (attempt > 1) await this.#publication.pause(attempt);
    const pushed = await this.#publication.authority.push(
      this.#publication.updates(),
      this.#signal,
    );
    this.detail = pushed.detail;
    return { kind: "pushed", outcome: pushed.outcome };
  }

  /** Another runner may have built on our commits since, so being an ancestor counts as landed. */
  async #look(): Promise<OriginLook> {
    if (!(await this.#advertise())) return "unreachable";
    const updates = this.#publication.updates();
    const isAt = (which: "from" | "to"): boolean =>
      updates.every((update) => (this.#advertised.get(update.ref) ?? null) === update[which]);
    if (isAt("to")) return "landed";
    if (isAt("from")) return "untouched";
    if (!(await this.#fetchAdvertised())) return "unreachable";
    const landed = await Promise.all(updates.map((update) => this.#contains(update)));
    return landed.every(Boolean) ? "landed" : "moved";
  }

  async #contains({ ref, to }: RefUpdate): Promise<boolean> {
    const remote = this.#advertised.get(ref);
    if (to === null || remote === undefined) return (remote ?? null) === to;
    return (await isAncestor(this.#repository, to, remote)) === "yes";
  }

  async #fetch(): Promise<boolean> {
    return (await this.#advertise()) && (await this.#fetchAdvertised());
  }

  async #advertise(): Promise<boolean> {
    const advertisement = await this.#publication.authority.read(this.#signal);
    if (advertisement.kind === "read") this.#advertised = advertisement.refs;
    else this.detail = advertisement.detail;
    return advertisement.kind === "read";
  }

  async #fetchAdvertised(): Promise<boolean> {
    const ours = new Set(this.#publication.updates().map(({ ref }) => ref));
    const refs = [...this.#advertised.keys()].filter((ref) => ours.has(ref) || isSpokenOf(ref));
    const fetched = await this.#publication.authority.fetch(refs, this.#signal);
    if (fetched.kind === "unreachable") this.detail = fetched.detail;
    return fetched.kind === "fetched";
  }
}

/** What a newer state may speak of: it is not to be read beside an older main, or without the branches of its gates. */
function isSpokenOf(ref: string): boolean {
  return ref === MAIN || ref.startsWith(GATE_BRANCHES);
}
