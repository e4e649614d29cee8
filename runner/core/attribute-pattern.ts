/** Patterns of gitattributes(5), as git itself reads them: byte by byte, with sets of characters (`[a-z]`, `[!a]`, `[[:digit:]]`). */
import { matchesSequence } from "./glob.ts";

export interface AttributePattern {
  /** Without a slash, within a set or not, it names a file in any folder. */
  readonly isName: boolean;
  readonly segments: readonly (readonly Token[])[];
}

/** null for a pattern that matches nothing: a set without an end, a class that nobody knows. */
export function attributePattern(text: string): AttributePattern | null {
  const source = bytesOf(text);
  const segments: Token[][] = [[]];
  for (let at = 0; at < source.length;) {
    const found = tokenAt(source, at);
    if (found === null) return null;
    if (found.token === "slash") segments.push([]);
    else segments.at(-1)?.push(found.token);
    at = found.end;
  }
  return { isName: !source.includes("/"), segments };
}

/** True when the pattern matches the path, which is relative to the folder of the pattern. */
export function matchesAttribute({ isName, segments }: AttributePattern, path: string): boolean {
  const names = bytesOf(path).split("/");
  const isAnchored = !isName && segments[0]?.length === 0;
  return matchesSequence(
    isAnchored ? segments.slice(1) : segments,
    isName ? names.slice(-1) : names,
    {
      isMany: (tokens) => tokens.length === 2 && tokens.every(({ kind }) => kind === "many"),
      matchesOne: (tokens, name) =>
        matchesSequence(tokens, Array.from(name), {
          isMany: ({ kind }) => kind === "many",
          matchesOne: matchesByte,
        }),
    },
  );
}

type Token =
  | { readonly kind: "many" | "any" }
  | { readonly kind: "one"; readonly byte: string }
  | { readonly kind: "set"; readonly isNegated: boolean; readonly members: readonly Member[] };

/** From one byte to another, both included; or a class. */
type Member = { readonly from: string; readonly to: string } | { readonly class: RegExp };

interface Found<Value> {
  readonly token: Value;
  /** Where the next one begins. */
  readonly end: number;
}

function tokenAt(source: string, at: number): Found<Token | "slash"> | null {
  const byte = source.charAt(at);
  switch (byte) {
    case "/":
      return { token: "slash", end: at + 1 };
    case "*":
      return { token: { kind: "many" }, end: at + 1 };
    case "?":
      return { token: { kind: "any" }, end: at + 1 };
    case "[":
      return setAt(source, at + 1);
    default:
      return literalAt(source, at);
  }
}

function literalAt(source: string, at: number): Found<Token> | null {
  const isEscaped = source.charAt(at) === "\\";
  const byte = source.charAt(isEscaped ? at + 1 : at);
  return byte === "" ? null : { token: { kind: "one", byte }, end: at + (isEscaped ? 2 : 1) };
}

/** A `]` in the first place is a member like any other. */
function setAt(source: string, start: number): Found<Token> | null {
  const isNegated = source.charAt(start) === "!" || source.charAt(start) === "^";
  const first = isNegated ? start + 1 : start;
  const members: Member[] = [];
  for (let at = first; at < source.length;) {
    if (source.charAt(at) === "]" && at > first) {
      return { token: { kind: "set", isNegated, members }, end: at + 1 };
    }
    const member = memberAt(source, at);
    if (member === null) return null;
    members.push(member.token);
    at = member.end;
  }
  return null;
}

function memberAt(source: string, at: number): Found<Member> | null {
  const name = /^\[:([^\]]*):\]/.exec(source.slice(at))?.[1];
  if (name !== undefined) {
    const known = CLASSES.get(name);
    return known === undefined ? null : { token: { class: known }, end: at + name.length + 4 };
  }
  const low = memberByteAt(source, at);
  if (low === null) return null;
  const isRange = source.charAt(low.end) === "-" && !["", "]"].includes(source.charAt(low.end + 1));
  if (!isRange) return { token: { from: low.token, to: low.token }, end: low.end };
  const high = memberByteAt(source, low.end + 1);
  return high && { token: { from: low.token, to: high.token }, end: high.end };
}

function memberByteAt(source: string, at: number): Found<string> | null {
  const isEscaped = source.charAt(at) === "\\";
  const byte = source.charAt(isEscaped ? at + 1 : at);
  return byte === "" ? null : { token: byte, end: at + (isEscaped ? 2 : 1) };
}

const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ["alnum", /[0-9A-Za-z]/],
  ["alpha", /[A-Za-z]/],
  ["blank", /[ \t]/],
  ["cntrl", /[^ -~\x80-\xff]/],
  ["digit", /[0-9]/],
  ["graph", /[!-~]/],
  ["lower", /[a-z]/],
  ["print", /[ -~]/],
  ["punct", /[!-/:-@[-`{-~]/],
  ["space", /[\t\n\v\f\r ]/],
  ["upper", /[A-Z]/],
  ["xdigit", /[0-9A-Fa-f]/],
]);

function matchesByte(token: Token, byte: string): boolean {
  switch (token.kind) {
    case "many":
    case "any":
      return true;
    case "one":
      return token.byte === byte;
    case "set":
      return token.isNegated !== token.members.some((member) => holds(member, byte));
  }
}

function holds(member: Member, byte: string): boolean {
  return "class" in member ? member.class.test(byte) : member.from <= byte && byte <= member.to;
}

/** One character for each byte of the text in UTF-8. */
function bytesOf(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}
