/** A question to an origin that may never answer: a connection that dies without a word tells nobody. */
import { git, type GitOptions, type GitResult } from "./git.ts";

/** Like `git`; what has not answered by then is ended, and that is the answer. */
export async function gitWithin(
  patienceMs: number,
  options: GitOptions,
  args: readonly string[],
): Promise<GitResult> {
  const late = AbortSignal.timeout(patienceMs);
  const signal = options.signal === undefined ? late : AbortSignal.any([options.signal, late]);
  try {
    return await git({ ...options, signal }, args);
  } catch (error) {
    if (!late.aborted || error !== late.reason) throw error;
    const stderr = `no answer within ${patienceMs / 1000} s`;
    return { code: 128, stdout: Buffer.alloc(0), stderr };
  }
}
