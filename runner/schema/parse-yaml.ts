/** YAML text → plain JSON with positions. A strict subset: what two readers could take for two things is refused. */
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import { readPlainYaml } from "./plain-yaml.ts";
import { rangesOf, withoutMark } from "./text-range.ts";
import { FIRST_CHARACTER, type Problem, type Range } from "./violation.ts";
import { readValue } from "./yaml-value.ts";

/** Finds the node of a JSON pointer; a `span` (offset and length inside a string) narrows it where the text allows. */
export type Locate = (pointer: string, part: "key" | "value", span?: Span) => Range;

interface Span {
  readonly offset: number;
  readonly length: number;
}

/** `value` is plain JSON; `locate` finds the nearest node there is. */
export type ParsedYaml =
  | { readonly ok: true; readonly value: unknown; readonly locate: Locate }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const LARGEST_BYTES = 64 * 1024;
/** C0 and C1 but for tab, line feed and carriage return. */
const CONTROL = /[^\P{Cc}\t\n\r]/u;

/** Reads one YAML document of at most 64 KiB. A byte order mark and CRLF are accepted. */
export function parseYaml(source: string): ParsedYaml {
  const text = withoutMark(source);
  const unreadable = refuseText(text);
  if (unreadable !== undefined) return { ok: false, problems: [unreadable] };
  const plain = readPlainYaml(text);
  return plain === undefined ? parseWhole(text) : { ok: true, ...plain, locate: lateLocate(text) };
}

/** Places are asked for when something is wrong, which is seldom: the library parses then. */
function lateLocate(text: string): Locate {
  let parsed: ParsedYaml | undefined;
  return (...place) => {
    parsed ??= parseWhole(text);
    return parsed.ok ? parsed.locate(...place) : FIRST_CHARACTER;
  };
}

/** Through the library, whatever it holds. */
export function parseWhole(text: string): ParsedYaml {
  const document = parseDocument(text, { version: "1.2", uniqueKeys: false, prettyErrors: false });
  const refused = refuseSyntax(text, document);
  if (refused !== undefined) return { ok: false, problems: [refused] };
  const { value, problems } = readValue(document.contents, rangesOf(text));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value, locate: locator(text, document.contents) };
}

function refuseText(text: string): Problem | undefined {
  if (Buffer.byteLength(text) > LARGEST_BYTES) {
    const message = "the file is larger than 64 KiB";
    return {
      code: "yaml/too-large",
      message,
      hint: "split it, or keep data in files of their own",
      ...FIRST_CHARACTER,
    };
  }
  const control = CONTROL.exec(text);
  if (control === null) return undefined;
  const at = rangesOf(text)(control.index, control.index + 1);
  if (text.includes("\0")) {
    return {
      code: "yaml/binary",
      message: "this is not text: it holds NUL bytes",
      hint: "save it as UTF-8",
      ...at,
    };
  }
  const name = `U+${(control[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  return {
    code: "yaml/control-character",
    message: `control character ${name}`,
    hint: "remove it",
    ...at,
  };
}

/** The first error only: those after it are its echoes. */
function refuseSyntax(text: string, document: Document.Parsed): Problem | undefined {
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    const [start, end] = error.pos;
    const words = SYNTAX[error.code] ?? syntax(error.message);
    const known = refuseConflict(text) ?? refuseUnquoted(text, start);
    return known ?? { ...words, ...rangesOf(text)(start, end) };
  }
  const { yaml, tags } = document.directives;
  if (yaml.explicit === true || Object.keys(tags).length > 1) return refuseDirective(text);
  if (document.contents !== null) return undefined;
  return { code: "yaml/empty", message: "the file is empty", hint: "", ...FIRST_CHARACTER };
}

function refuseDirective(text: string): Problem {
  const line = /^%.*$/m.exec(text);
  const start = line?.index ?? 0;
  const at = rangesOf(text)(start, start + (line?.[0].length ?? 1));
  return {
    code: "yaml/directive",
    message: "directives are not allowed",
    hint: "remove the line",
    ...at,
  };
}

/** Half of a merge that was committed all the same; what the parser makes of it helps nobody. */
function refuseConflict(text: string): Problem | undefined {
  const marker = /^<{7}(?= |$)/m.exec(text);
  if (marker === null) return undefined;
  return {
    code: "yaml/conflict",
    message: "a merge has left a conflict here",
    hint: "keep what is right of both sides, and remove the lines of <, = and >",
    ...rangesOf(text)(marker.index, marker.index + marker[0].length),
  };
}

/** An expression outside quotes on the line of an error is the usual reason for it. */
function refuseUnquoted(text: string, error: number): Problem | undefined {
  const lineStart = text.lastIndexOf("\n", error - 1) + 1;
  const [line = ""] = text.slice(lineStart).split(/\r?\n/, 1);
  for (const { 0: expression, index } of line.matchAll(/\$\{\{.*?\}\}/g)) {
    const before = line.slice(0, index);
    if ([`"`, `'`].some((quote) => before.split(quote).length % 2 === 0)) continue;
    const quote = expression.includes('"') ? "'" : '"';
    return {
      code: "yaml/unquoted-expression",
      message: "an expression must be quoted here: YAML takes its braces for a map",
      hint: `quote it: ${quote}${expression}${quote}`,
      ...rangesOf(text)(lineStart + index, lineStart + index + expression.length),
    };
  }
  return undefined;
}

type Words = Pick<Problem, "code" | "message" | "hint">;

const SYNTAX: Readonly<Record<string, Words>> = {
  MULTIPLE_DOCS: {
    code: "yaml/second-document",
    message: "a second document in the file",
    hint: "one file holds one document",
  },
  RESOURCE_EXHAUSTION: { code: "yaml/too-deep", message: "nested too deeply", hint: "" },
  TAG_RESOLVE_FAILED: { code: "yaml/tag", message: "tags are not allowed", hint: "remove the tag" },
  TAB_AS_INDENT: { code: "yaml/syntax", message: "a tab cannot indent", hint: "use spaces" },
};

function syntax(message: string): Words {
  return {
    code: "yaml/syntax",
    message: message.charAt(0).toLowerCase() + message.slice(1),
    hint: "",
  };
}

interface Found {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

function locator(text: string, root: Node | null): Locate {
  const range = rangesOf(text);
  return (pointer, part, span) => {
    const { key, value } = find(root, pointer);
    if (part === "value") {
      const [start, end] = within(text, value, span) ?? offsets(value ?? key);
      return range(start, end);
    }
    const [start, end] = offsets(key ?? value);
    return range(start, key === undefined ? start + 1 : end);
  };
}

function offsets(node: Node | undefined): [number, number] {
  const [start, end] = node?.range ?? [0, 1];
  return [start, end];
}

/** The node of the pointer, or of the longest part of it that there is. */
function find(root: Node | null, pointer: string): Found {
  let found: Found = { key: undefined, value: root ?? undefined };
  for (const segment of pointer.split("/").slice(1)) {
    const next = child(found.value, segment.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

function child(parent: Node | undefined, name: string): Found | undefined {
  if (isSeq<Node>(parent)) {
    const item = parent.items[Number(name)];
    return item === undefined ? undefined : { key: undefined, value: item };
  }
  if (!isMap<Node, Node | null>(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === name);
  return pair === undefined ? undefined : { key: pair.key, value: pair.value ?? undefined };
}

/** Offsets of a part of a string; only where the string stands in the text as it is, without escapes or folds. */
function within(
  text: string,
  node: Node | undefined,
  span: Span | undefined,
): [number, number] | undefined {
  if (span === undefined || !isScalar(node)) return undefined;
  const quote = node.type === "PLAIN" ? 0 : 1;
  const [start, end] = offsets(node);
  if (text.slice(start + quote, end - quote) !== node.value) return undefined;
  return [start + quote + span.offset, start + quote + span.offset + span.length];
}
