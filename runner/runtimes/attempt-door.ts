/** The one door of an attempt: opened by the first rung that asks a model, shared by all, closed with the attempt. */
import type { Invocation } from "./invocation.ts";
import type { DoorAsked, DoorOpened, OpenDoor, Toll } from "./model-door.ts";
import { modelsAsked } from "#runner/core/money/demand.ts";

interface Site {
  readonly open: OpenDoor;
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  readonly hold: DoorAsked["hold"];
}

export class AttemptDoor {
  readonly #invocation: Invocation;
  readonly #site: Site;
  #opened: Promise<DoorOpened> | null = null;
  #closed: Promise<Toll | null> | null = null;

  constructor(invocation: Invocation, site: Site) {
    this.#invocation = invocation;
    this.#site = site;
  }

  open(): Promise<DoorOpened> {
    const { open, signal, remainingMs, hold } = this.#site;
    const models = modelsAsked(this.#invocation.agent);
    this.#opened ??= open(this.#invocation, { models, signal, hold, remainingMs: remainingMs() });
    return this.#opened;
  }

  /** Once, however often it is asked for; null where no model was asked. */
  close(): Promise<Toll | null> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<Toll | null> {
    const opened = await this.#opened;
    return opened?.ok === true ? opened.door.close() : null;
  }
}
