import { readFileSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "./durable-file.ts";

const KEY = /^[a-z0-9][a-z0-9-]{1,127}$/;
/** The day on which the cache was pruned last. */
const PRUNED = "pruned";
const LARGEST_CACHE_BYTES = 64 * 1024 * 1024;

/**
 * JSON values by key (an object id, or a name and one), kept in the git dir and free to be deleted.
 *
 * Whatever cannot be read is a miss. Values come back unvalidated but are only ever written by this program:
 * put the version of their shape into the key.
 */
export class Cache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(key: string): Promise<unknown> {
    try {
      // Read at once: the values are small, and waiting for a thread takes longer.
      return JSON.parse(readFileSync(this.#path(key), "utf8"));
    } catch {
      return undefined;
    }
  }

  /** Not synced to the disk: after a crash of the machine the entry may be a miss. */
  async put(key: string, value: unknown): Promise<void> {
    replaceFile(this.#path(key), JSON.stringify(value));
  }

  /** Prunes when that was not done on this day yet. */
  async pruneDaily(now: string): Promise<void> {
    const day = now.slice(0, 10);
    if ((await this.get(PRUNED)) === day) return;
    await this.prune();
    await this.put(PRUNED, day);
  }

  /** Removes the oldest entries until the cache is no larger than `largestBytes`. */
  async prune(largestBytes: number = LARGEST_CACHE_BYTES): Promise<void> {
    const newestFirst = (await this.#files()).toSorted((a, b) => b.changed - a.changed);
    let bytes = 0;
    for (const file of newestFirst) {
      bytes += file.bytes;
      if (bytes > largestBytes) await rm(file.path, { force: true });
    }
  }

  async #files(): Promise<{ path: string; bytes: number; changed: number }[]> {
    const names = await readdir(this.#folder, { recursive: true }).catch(() => []);
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        const found = await stat(path).catch(() => undefined);
        return found?.isFile() ? [{ path, bytes: found.size, changed: found.mtimeMs }] : [];
      }),
    );
    return files.flat();
  }

  #path(key: string): string {
    if (!KEY.test(key)) throw new Error(`"${key}" cannot be a cache key`);
    return join(this.#folder, key.slice(0, 2), `${key}.json`);
  }
}
