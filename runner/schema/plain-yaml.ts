/**
 * Reads YAML that is written plainly, without the library, which takes longer to load than most manifests to read.
 *
 * Plain is what has one reading: maps and lists in block style, lists and maps in one line, words, numbers and
 * quoted text without escapes. Everything else is `undefined` here and left to the library.
 */
export function readPlainYaml(text: string): { readonly value: unknown } | undefined {
  const lines = UNUSUAL.test(text) ? [] : linesOf(text);
  const [first] = lines;
  if (first?.indent !== 0) return undefined;
  const cursor: Cursor = { lines, at: 0 };
  const value = readBlock(cursor, 0, 0);
  return value === undefined || cursor.at < lines.length ? undefined : { value };
}

interface Line {
  readonly indent: number;
  readonly text: string;
}

interface Cursor {
  readonly lines: Line[];
  at: number;
}

const UNUSUAL = /[\t\r\u0080-\u00a0\u2028\u2029\ufeff]/;
const DEEPEST = 16;
const KEY = /^(?!(?:true|false|null|constructor|prototype)\b)([A-Za-z][\w-]{0,99}):(?: +|$)/i;
const FLOW_KEY = new RegExp(KEY.source.slice(1), "iy");
const QUOTED = /"([^"\\]*)"|'([^']*)'/y;
const FLOW_WORD = /[-\w][^,[\]{}"'#:&*!|>%@`?\\]*/y;
const SPACES = / */y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const LIKE_NUMBER = /^-?(?:0o[0-7]+|0x[\da-f]+|\d+\.?\d*(?:e[-+]?\d+)?)$/i;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function linesOf(text: string): Line[] {
  return text.split("\n").flatMap((whole) => {
    const line = whole.replace(/ +$/, "");
    const indent = line.search(/[^ ]/);
    const isSaying = indent >= 0 && line[indent] !== "#";
    return isSaying ? [{ indent, text: line.slice(indent) }] : [];
  });
}

/** Values are never undefined: that stands for what is not plain. */
function readBlock(cursor: Cursor, indent: number, depth: number): unknown {
  const line = cursor.lines[cursor.at];
  if (line?.indent !== indent || depth > DEEPEST) return undefined;
  return isItem(line) ? readList(cursor, indent, depth) : readMap(cursor, indent, depth);
}

function isItem({ text }: Line): boolean {
  return text.startsWith("- ");
}

function readMap(cursor: Cursor, indent: number, depth: number): unknown {
  const value: Record<string, unknown> = {};
  for (let line = cursor.lines[cursor.at]; line !== undefined; line = cursor.lines[cursor.at]) {
    if (line.indent !== indent || isItem(line)) return value;
    const [start = "", key] = KEY.exec(line.text) ?? [];
    if (key === undefined || Object.hasOwn(value, key)) return undefined;
    cursor.at += 1;
    const rest = line.text.slice(start.length);
    const read = rest === "" ? readBelow(cursor, indent, depth) : readInline(rest);
    if (read === undefined) return undefined;
    value[key] = read;
  }
  return value;
}

/** What stands below a key: further to the right, or a list right below it. */
function readBelow(cursor: Cursor, indent: number, depth: number): unknown {
  const next = cursor.lines[cursor.at];
  const isBelow =
    next !== undefined && (next.indent > indent || (next.indent === indent && isItem(next)));
  return isBelow ? readBlock(cursor, next.indent, depth + 1) : undefined;
}

function readList(cursor: Cursor, indent: number, depth: number): unknown {
  const value: unknown[] = [];
  for (let line = cursor.lines[cursor.at]; line !== undefined; line = cursor.lines[cursor.at]) {
    if (line.indent !== indent || !isItem(line)) return value;
    const item = readItem(cursor, line, depth);
    if (item === undefined) return undefined;
    value.push(item);
  }
  return value;
}

function readItem(cursor: Cursor, { indent, text }: Line, depth: number): unknown {
  const rest = text.slice(1).trimStart();
  if (!KEY.test(rest)) {
    cursor.at += 1;
    return readInline(rest);
  }
  // The first key of a map stands where its other keys stand.
  const inner = indent + text.length - rest.length;
  cursor.lines[cursor.at] = { indent: inner, text: rest };
  return readBlock(cursor, inner, depth + 1);
}

/** A value that ends with its line. */
function readInline(text: string): unknown {
  const isFlow = /^["'[{]/.test(text);
  if (!isFlow) return / #|: |:$/.test(text) ? undefined : readWord(text);
  const flow = readFlow(text, 0, 0);
  return flow?.end === text.length ? flow.value : undefined;
}

function readWord(text: string): unknown {
  if (/^-?\d/.test(text)) return readNumber(text);
  if (!/^[A-Za-z]/.test(text)) return undefined;
  const known = WORDS.get(text);
  if (known !== undefined) return known;
  return WORDS.has(text.toLowerCase()) ? undefined : text;
}

function readNumber(text: string): number | string | undefined {
  const value = Number(text);
  const isExact = !Number.isInteger(value) || Number.isSafeInteger(value);
  if (NUMBER.test(text) && isExact && !Object.is(value, -0)) return value;
  return LIKE_NUMBER.test(text) ? undefined : text;
}

interface Flow {
  readonly value: unknown;
  readonly end: number;
}

function readFlow(text: string, at: number, depth: number): Flow | undefined {
  const start = afterSpaces(text, at);
  if (depth > DEEPEST) return undefined;
  if (text[start] === "[") return readFlowList(text, start + 1, depth + 1);
  if (text[start] === "{") return readFlowMap(text, start + 1, depth + 1);
  const quoted = matchAt(QUOTED, text, start);
  if (quoted !== undefined) {
    return { value: quoted[1] ?? quoted[2], end: afterSpaces(text, start + quoted[0].length) };
  }
  const [word = ""] = matchAt(FLOW_WORD, text, start) ?? [];
  const value = readWord(word.trimEnd());
  return value === undefined ? undefined : { value, end: start + word.length };
}

function readFlowList(text: string, start: number, depth: number): Flow | undefined {
  const value: unknown[] = [];
  let at = afterSpaces(text, start);
  if (text[at] === "]") return { value, end: afterSpaces(text, at + 1) };
  for (;;) {
    const item = readFlow(text, at, depth);
    if (item === undefined) return undefined;
    value.push(item.value);
    at = item.end + 1;
    if (text[item.end] === "]") return { value, end: afterSpaces(text, at) };
    if (text[item.end] !== ",") return undefined;
  }
}

function readFlowMap(text: string, start: number, depth: number): Flow | undefined {
  const value: Record<string, unknown> = {};
  let at = afterSpaces(text, start);
  if (text[at] === "}") return { value, end: afterSpaces(text, at + 1) };
  for (;;) {
    const [written = "", key] = matchAt(FLOW_KEY, text, at) ?? [];
    if (key === undefined || Object.hasOwn(value, key)) return undefined;
    const member = readFlow(text, at + written.length, depth);
    if (member === undefined) return undefined;
    value[key] = member.value;
    at = afterSpaces(text, member.end + 1);
    if (text[member.end] === "}") return { value, end: at };
    if (text[member.end] !== ",") return undefined;
  }
}

function afterSpaces(text: string, at: number): number {
  return at + (matchAt(SPACES, text, at)?.[0].length ?? 0);
}

/** The pattern is sticky. */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
