import { fetchFromOrigin } from "./origin.ts";
import type { Repository } from "./repository.ts";

/** Brings objects of a partial clone from the origin: all that are asked for at about the same time in one connection. */
export class PromisedObjects {
  readonly #repository: Repository;
  /** What is not at the origin either, or could not be had: not asked for twice. */
  readonly #asked = new Set<string>();
  #waiting = new Set<string>();
  #next: Promise<void> | undefined;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Resolves when the object is here, or cannot be had; false where the origin has promised nothing. */
  async bring(oid: string): Promise<boolean> {
    const { partial, origin } = this.#repository;
    if (!partial || origin === null) return false;
    if (this.#asked.has(oid)) return true;
    this.#waiting.add(oid);
    this.#next ??= this.#soon();
    await this.#next;
    return true;
  }

  /** Whoever reads many files asks for all of them before the first answer: they are waited for. */
  async #soon(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHERING_MS));
    const objects = [...this.#waiting];
    this.#waiting = new Set();
    this.#next = undefined;
    for (const oid of objects) this.#asked.add(oid);
    try {
      await fetchFromOrigin(this.#repository, { objects }, AbortSignal.timeout(PATIENCE_MS));
    } catch (error) {
      // No answer in time is an answer: what was asked for cannot be had now.
      if (!(error instanceof DOMException)) throw error;
    }
  }
}

const GATHERING_MS = 5;
const PATIENCE_MS = 120_000;
