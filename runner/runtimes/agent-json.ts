/** JSON as agents write it. */

/** Only then can a number be larger than any that there is. */
const MAYBE_HUGE = /\d[eE]|\d{309}/;

/** A number such as 1e999, which no record could keep. */
export class HugeNumber extends SyntaxError {}

/** The value; throws a SyntaxError where the text is no JSON, and where it holds a huge number. */
export function parseAgentJson(text: string): unknown {
  if (!MAYBE_HUGE.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, member: unknown) => {
    if (typeof member === "number" && !Number.isFinite(member)) {
      throw new HugeNumber("a number is too large");
    }
    return member;
  });
}
