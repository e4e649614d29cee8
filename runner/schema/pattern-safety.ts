/** Regular expressions from manifests: only those whose time is bounded, whatever text they meet. */
import { setFlagsFromString } from "node:v8";

const LONGEST = 500;
const LOOK_AROUND = /^\(\?<?[=!]/;
const BACK_REFERENCE = /^\\[1-9k]/;
const UNICODE_ONLY = /^\\[pP]/;
/** An escape, a class, a repetition (with the group that it repeats), or any other character. */
const TOKENS = /\\.|\[(?:\\.|[^\]\\])*\]|\)?(?:[*+?]|\{\d+(?:,\d*)?\})\??|\(\?<?[=!]|./gsu;
const REPETITION = /^\)?(?:[*+?]|\{\d+(?:,\d*)?\})\??$/;
const FIXED = /\{\d+\}\??$/;
const MOST_VARIABLE = 2;

/** Why a pattern may not be used; undefined when it may. */
export function unsafePattern(pattern: string): string | undefined {
  if (pattern.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (!compiles(pattern, "")) return "is not a regular expression";
  const tokens = pattern.match(TOKENS) ?? [];
  for (const token of tokens) {
    if (BACK_REFERENCE.test(token)) return "refers back to a group: its time has no bound";
    if (LOOK_AROUND.test(token)) return "looks around: its time has no bound";
    if (UNICODE_ONLY.test(token)) return "names Unicode properties, which are not known here";
  }
  if (isLinear(pattern) || isPlain(tokens)) return undefined;
  return "repeats a repetition, with counts above 16: its time has no bound";
}

/**
 * From now on a pattern that backtracks too much goes on in V8's engine of linear time, if that can take it;
 * it takes no look-around, no back-reference, no flag `u`, and no counts above 16.
 */
export function boundPatternTime(): void {
  setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
}

/** The engine of linear time says so itself: only there does flag `l` compile. */
function isLinear(pattern: string): boolean {
  setFlagsFromString("--enable-experimental-regexp-engine");
  return compiles(pattern, "l");
}

/** No repeated groups and at most two repetitions of varying length: quadratic at worst. */
function isPlain(tokens: readonly string[]): boolean {
  const repetitions = tokens.filter((token) => REPETITION.test(token));
  const varying = repetitions.filter((token) => !FIXED.test(token));
  return !repetitions.some((token) => token.startsWith(")")) && varying.length <= MOST_VARIABLE;
}

function compiles(pattern: string, flags: string): boolean {
  try {
    return new RegExp(pattern, flags) instanceof RegExp;
  } catch {
    return false;
  }
}
