/** How many tokens a request has, before the provider counts them. */

export interface RequestSize {
  /** UTF-16 units of the body, without what images hold. */
  readonly chars: number;
  /** Bytes of the same in UTF-8. */
  readonly bytes: number;
  readonly images: number;
}

/** No provider counts more for an image of ordinary size. */
const TOKENS_PER_IMAGE = 6000;
/** What providers put around a request: roles, the rules for tools. */
const AROUND = 400;
/** Scripts other than Latin take more tokens than their length says. */
const TOKENS_PER_FURTHER_BYTE = 0.6;

export function estimatedInput(
  { chars, bytes, images }: RequestSize,
  bytesPerToken: number,
): number {
  const text = chars / bytesPerToken + (bytes - chars) * TOKENS_PER_FURTHER_BYTE;
  return Math.ceil(text) + images * TOKENS_PER_IMAGE + AROUND;
}
