/** What an operator may ask for in a comment: the first line, and nothing else of it. */

/** `unknown`: it means to be one, and is none. */
export type Command =
  /** `sha`: the commit that is approved; null: the proposal as it was made. */
  | { readonly kind: "approve"; readonly sha: string | null }
  | { readonly kind: "reject"; readonly reason: string }
  | { readonly kind: "explain" }
  | { readonly kind: "unknown"; readonly word: string };

const LONGEST_REASON = 500;

/** undefined: just a comment. Quoted lines, code and anything before the command make it one. */
export function commandIn(text: string): Command | undefined {
  const [line = ""] = text.split(/\r?\n/u, 1);
  const found = /^\/fettle(?: +(?<rest>.*?))? *$/u.exec(line);
  if (found === null) return undefined;
  const { rest = "" } = found.groups ?? {};
  const [word = "", ...more] = rest.split(/ +/u);
  const said = more.join(" ");
  switch (word) {
    case "approve":
      return approveIn(said) ?? { kind: "unknown", word: `approve ${said}` };
    case "reject":
      return { kind: "reject", reason: said.slice(0, LONGEST_REASON) };
    case "explain":
      return said === "" ? { kind: "explain" } : { kind: "unknown", word: `explain ${said}` };
    default:
      return { kind: "unknown", word: rest };
  }
}

/** What would be half of an approval is none: of a commit's first digits somebody can make a second one. */
function approveIn(said: string): Command | undefined {
  if (said === "") return { kind: "approve", sha: null };
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(said) ? { kind: "approve", sha: said } : undefined;
}
