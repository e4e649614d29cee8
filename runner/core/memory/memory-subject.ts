/** What a memory record is about: a path, such as `client/acme`. */
import { isBelow } from "./memory-tombstone.ts";
import { closest } from "#runner/core/suggest.ts";

export type MeantSubject =
  | { readonly ok: true; readonly subject: string }
  | { readonly ok: false; readonly hint: string };

/** The subject that an operator means by a word, spelt as records spell it; `known`: subjects of records. */
export function meantSubject(word: string, known: readonly string[]): MeantSubject {
  const typed = word.trim().replace(/\/+$/u, "");
  const above = known.flatMap(withAbove);
  const same = above.find((subject) => isBelow(subject, typed) && isBelow(typed, subject));
  if (same !== undefined) return { ok: true, subject: same };
  const alike = above.find((subject) => letters(subject) === letters(typed));
  if (alike !== undefined) return { ok: true, subject: alike };
  const near = closest(typed.toLowerCase(), above);
  const hint =
    near === undefined ? "fettle memory list   shows the subjects" : `did you mean ${near}?`;
  return { ok: false, hint };
}

/** How a subject should be written, where this one is no path; undefined when it is one. */
export function betterSubject(subject: string): string | undefined {
  if (!/\s/u.test(subject)) return undefined;
  const [first = "", ...rest] = subject.trim().split(/\s+/u);
  const isPath = subject.includes("/");
  return (isPath ? [[first, ...rest].join("-")] : [first, rest.join("-")])
    .filter((part) => part !== "")
    .join("/")
    .toLowerCase();
}

/** `a/b/c`, `a/b` and `a`. */
function withAbove(subject: string): readonly string[] {
  const parts = subject.split("/");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
}

function letters(subject: string): string {
  return subject
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}
