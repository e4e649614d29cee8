/** How a reader sees text: decided by the shell, passed in as data. */

export interface Look {
  /** Columns. */
  readonly width: number;
  /** A longer line would be broken: tables are cut to the width. Not so in files and pipes. */
  readonly isNarrow: boolean;
  readonly color: boolean;
  /** Only ASCII marks (TERM=dumb, a locale that is not UTF-8). */
  readonly ascii: boolean;
  /** Digests, ids and machinery too. */
  readonly verbose: boolean;
  /** The instant that relative times count from, RFC 3339. */
  readonly now: string;
}

export type Tone = "plain" | "strong" | "dim" | "good" | "bad" | "warn" | "busy";

/** Signs of one character set; a mark always stands with a word. */
export interface Signs {
  readonly ok: string;
  readonly failed: string;
  readonly waiting: string;
  readonly same: string;
  readonly idle: string;
  readonly attention: string;
  readonly dot: string;
  readonly dash: string;
  readonly arrow: string;
  readonly atMost: string;
  readonly ellipsis: string;
  readonly bar: string;
  readonly spinner: readonly string[];
}

const unicodeSigns: Signs = {
  ok: "✓",
  failed: "✗",
  waiting: "◷",
  same: "≡",
  idle: "·",
  attention: "!",
  dot: "·",
  dash: "–",
  arrow: "→",
  atMost: "≤",
  ellipsis: "…",
  bar: "█",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

const asciiSigns: Signs = {
  ok: "+",
  failed: "x",
  waiting: "~",
  same: "=",
  idle: ".",
  attention: "!",
  dot: "-",
  dash: "-",
  arrow: "->",
  atMost: "<=",
  ellipsis: "...",
  bar: "#",
  spinner: ["|", "/", "-", "\\"],
};

/** The signs that the reader's terminal can show. */
export function signsOf(look: Pick<Look, "ascii">): Signs {
  return look.ascii ? asciiSigns : unicodeSigns;
}

const codes: Readonly<Record<Exclude<Tone, "plain">, readonly [number, number]>> = {
  strong: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  busy: [36, 39],
};

/** Harmless text in a tone; unchanged without colour. */
export function paint(text: string, tone: Tone, look: Pick<Look, "color">): string {
  if (!look.color || tone === "plain" || text === "") return text;
  const [open, close] = codes[tone];
  return `\u001b[${open}m${text}\u001b[${close}m`;
}
