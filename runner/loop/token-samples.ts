/** How many bytes of a request make a token, by what providers have counted since this runner began. */
import { bytesPerToken, type CountedRequest } from "#runner/core/money/token-estimate.ts";

const MOST_KEPT = 50;

export class TokenSamples {
  readonly #counted = new Map<string, readonly CountedRequest[]>();

  /** What providers count for an image has nothing to do with its bytes. */
  note(
    provider: string,
    model: string,
    counted: CountedRequest & { readonly hasImages: boolean },
  ): void {
    if (counted.hasImages) return;
    const name = JSON.stringify([provider, model]);
    const all = [...(this.#counted.get(name) ?? []), counted];
    this.#counted.set(name, all.slice(-MOST_KEPT));
  }

  /** Of a model that was not asked yet: as few as text may have. */
  bytesPerToken(provider: string, model: string): number {
    return bytesPerToken(this.#counted.get(JSON.stringify([provider, model])) ?? []);
  }
}
