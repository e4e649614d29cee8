/** A text as it reads when its encodings are undone, with the way back to where each part stands. */

export interface TextView {
  readonly text: string;
  /** Where a part of this view stands in the text that was given; more than the part where it is inside of one escape. */
  readonly placeOf: (start: number, end: number) => readonly [start: number, end: number];
}

/** What was put in place of a part of the text before. */
interface Edit {
  readonly at: number;
  readonly length: number;
  /** In the text before. */
  readonly from: number;
  readonly to: number;
}

type Undo = readonly [encoded: RegExp, decode: (part: string) => string];

const PERCENT: Undo = [/(?:%[0-9a-f]{2})+/gi, unpercent];
const FORM: Undo = [/\+|(?:%[0-9a-f]{2})+/gi, (part) => (part === "+" ? " " : unpercent(part))];
const ENTITY: Undo = [/&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,7});/gi, unescapeEntity];
const ESCAPE: Undo = [/\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|["'\\/bfnrt])/gi, unescape];
/** With what quotes or indents the next line, and the sign by which mail breaks a line. */
const BREAK: Undo = [/=?(?:\r\n?|\n)[ \t>|]*/g, () => ""];
const BREAK_AND_BLANKS: Undo = [/[ \t]*=?(?:\r\n?|\n)[ \t>|]*/g, () => ""];
const BLANK_BEFORE_BREAK = /[ \t]=?[\r\n]/;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  ast: "*",
  bsol: "\\",
  colon: ":",
  comma: ",",
  commat: "@",
  dollar: "$",
  equals: "=",
  excl: "!",
  grave: "`",
  gt: ">",
  lowbar: "_",
  lpar: "(",
  lt: "<",
  nbsp: "\u00a0",
  num: "#",
  percnt: "%",
  period: ".",
  plus: "+",
  quest: "?",
  quot: '"',
  rpar: ")",
  semi: ";",
  sol: "/",
};

const CONTROLS: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** The text itself; with one encoding undone, and two; and all of these with their lines joined. */
export function viewsOf(text: string): readonly TextView[] {
  const plain: TextView = { text, placeOf: (start, end) => [start, end] };
  const once = decoded(plain);
  const all = [plain, ...once, ...once.flatMap(decoded)];
  return [...all, ...all.flatMap(joined)];
}

/** Blanks at the end of a line may belong to what goes on in the next, or not. */
function joined(view: TextView): readonly TextView[] {
  const hasBlanks = BLANK_BEFORE_BREAK.test(view.text);
  return [BREAK, ...(hasBlanks ? [BREAK_AND_BLANKS] : [])].flatMap((undo) => undone(view, undo));
}

function decoded(view: TextView): readonly TextView[] {
  return [PERCENT, FORM, ENTITY, ESCAPE].flatMap((undo) => undone(view, undo));
}

/** None where there is nothing to undo. */
function undone(view: TextView, [encoded, decode]: Undo): readonly TextView[] {
  const edits: Edit[] = [];
  let text = "";
  let from = 0;
  for (const match of view.text.matchAll(encoded)) {
    const part = decode(match[0]);
    text += view.text.slice(from, match.index);
    edits.push({
      at: text.length,
      length: part.length,
      from: match.index,
      to: match.index + match[0].length,
    });
    text += part;
    from = match.index + match[0].length;
  }
  if (edits.length === 0) return [];
  text += view.text.slice(from);
  const placeOf: TextView["placeOf"] = (start, end) =>
    view.placeOf(startBefore(edits, start), endBefore(edits, end));
  return [{ text, placeOf }];
}

function startBefore(edits: readonly Edit[], start: number): number {
  const edit = lastWhere(edits, ({ at }) => at <= start);
  if (edit === undefined) return start;
  const isInside = start < edit.at + edit.length;
  return isInside ? edit.from : start - edit.at - edit.length + edit.to;
}

function endBefore(edits: readonly Edit[], end: number): number {
  const edit = lastWhere(edits, ({ at }) => at < end);
  if (edit === undefined) return end;
  const isInside = end < edit.at + edit.length;
  return isInside ? edit.to : end - edit.at - edit.length + edit.to;
}

/** The last that fits, where all that fit come first. */
function lastWhere(edits: readonly Edit[], fits: (edit: Edit) => boolean): Edit | undefined {
  let low = 0;
  let high = edits.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const edit = edits[middle];
    if (edit !== undefined && fits(edit)) low = middle + 1;
    else high = middle;
  }
  return edits[low - 1];
}

function unpercent(part: string): string {
  return Buffer.from(part.replaceAll("%", ""), "hex").toString();
}

function unescapeEntity(part: string): string {
  const name = part.slice(1, -1);
  if (!name.startsWith("#")) return ENTITIES[name.toLowerCase()] ?? part;
  const isHex = /^#x/i.test(name);
  const code = isHex ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : part;
}

function unescape(part: string): string {
  const sign = part.charAt(1);
  if (/[ux]/i.test(sign)) return String.fromCharCode(Number.parseInt(part.slice(2), 16));
  return CONTROLS[sign] ?? sign;
}
