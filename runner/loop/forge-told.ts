/** What the forge was told last, in short: the same is not told again, nor asked about. A cache, free to be deleted. */
import type { Cache } from "#runner/repo/cache.ts";

const KEY = "forge-told-1";

/** By what it was told of. */
type Told = ReadonlyMap<string, string>;

export class ForgeTold {
  readonly #cache: Cache;
  readonly #before: Told;
  readonly #now = new Map<string, string>();

  private constructor(cache: Cache, before: Told) {
    this.#cache = cache;
    this.#before = before;
  }

  static async open(cache: Cache): Promise<ForgeTold> {
    const value = await cache.get(KEY);
    return new ForgeTold(cache, new Map(isEntries(value) ? value : []));
  }

  /** Whether this is what was told of it last; then it goes on to be known. */
  isKnown(of: string, digest: string): boolean {
    if (this.#before.get(of) !== digest) return false;
    this.#now.set(of, digest);
    return true;
  }

  learn(of: string, digest: string): void {
    this.#now.set(of, digest);
  }

  /** Forgets whatever was not spoken of since; writes nothing where nothing is new. */
  async keep(): Promise<void> {
    const isSame =
      this.#now.size === this.#before.size &&
      [...this.#now].every(([of, digest]) => this.#before.get(of) === digest);
    if (!isSame) await this.#cache.put(KEY, [...this.#now]);
  }
}

/** Written by this program alone. */
function isEntries(value: unknown): value is readonly (readonly [string, string])[] {
  return Array.isArray(value);
}
