import type { CommitTarget } from "./commit-target.ts";
import { FastImport } from "./fast-import.ts";
import type { GitPlace } from "./git.ts";
import type { RefUpdate } from "./ref-transaction.ts";
import { repack } from "./repack.ts";
import { scratchRef } from "./ref-names.ts";
import { Serial } from "./serial.ts";

const CHECKPOINTS_PER_PACKING = 64;

/**
 * Writes commits durably through one long-lived `git fast-import`, without moving any real ref.
 *
 * fast-import acknowledges even when a ref update was refused, so it only ever writes scratch refs; the
 * caller moves the real ones by compare-and-swap. Each checkpoint makes a pack and every pack slows down
 * the next commit: after 64 the process is reopened and the small packs are joined in the background.
 */
export class CommitWriter {
  readonly #place: GitPlace;
  readonly #runner: string;
  readonly #checkpointsPerPacking: number;
  /** Scratch refs, and where they stand. */
  readonly #scratch = new Map<string, string>();
  #import: FastImport | undefined;
  #checkpoints = 0;
  #packing: Promise<void> = Promise.resolve();
  readonly #serial = new Serial();

  constructor(place: GitPlace, runner: string, checkpointsPerPacking = CHECKPOINTS_PER_PACKING) {
    this.#place = place;
    this.#runner = runner;
    this.#checkpointsPerPacking = checkpointsPerPacking;
  }

  /** The ids of the commits, in the order of the targets, durable when this resolves. All share one checkpoint. */
  write(targets: readonly CommitTarget[]): Promise<readonly string[]> {
    return this.#serial.run(() => this.#write(targets));
  }

  /** Ends the processes; waits for a packing that runs. Gives the scratch refs, which nobody needs any more. */
  async close(): Promise<readonly RefUpdate[]> {
    await this.#serial.idle();
    await this.#import?.close();
    this.#import = undefined;
    await this.#packing;
    const updates = [...this.#scratch].map(([ref, from]) => ({ ref, from, to: null }));
    this.#scratch.clear();
    return updates;
  }

  async #write(targets: readonly CommitTarget[]): Promise<readonly string[]> {
    if (targets.length === 0) return [];
    const scratch = targets.map((target) => ({
      ...target,
      ref: scratchRef(this.#runner, target.ref),
    }));
    const oids = await this.#checkpoint(scratch);
    for (const [index, { ref }] of scratch.entries()) this.#scratch.set(ref, oids[index] ?? "");
    this.#checkpoints += 1;
    if (this.#checkpoints >= this.#checkpointsPerPacking) await this.#startPacking();
    return oids;
  }

  /** A process that was killed has promised nothing, and the same content has the same ids: it is asked again once. */
  async #checkpoint(targets: readonly CommitTarget[]): Promise<readonly string[]> {
    try {
      return await this.#running().write(targets);
    } catch {
      return this.#running().write(targets);
    }
  }

  #running(): FastImport {
    if (this.#import === undefined || this.#import.hasEnded) {
      this.#import = new FastImport(this.#place);
    }
    return this.#import;
  }

  /** The process must end first: while it runs, its packs are marked `.keep` and are not joined. */
  async #startPacking(): Promise<void> {
    this.#checkpoints = 0;
    await this.#import?.close();
    this.#import = undefined;
    await this.#packing;
    // Only speed is at stake: the next round tries again.
    this.#packing = repack(this.#place).catch(() => undefined);
  }
}
