/**
 * Text for a terminal as data. Every text becomes harmless and gets its colour here and nowhere else,
 * so no report can forget it and no width is measured with colour codes inside.
 */
import { paint, type Look, type Tone } from "./look.ts";
import { terminalText } from "./terminal-text.ts";
import { displayWidth, wrapText } from "./width.ts";

export interface Piece {
  readonly text: string;
  readonly tone: Tone;
}

/** Texts that stand side by side. */
export type Line = readonly (string | Piece)[];

/** A text in a tone. */
export function toned(tone: Tone, text: string): Piece {
  return { text, tone };
}

/** The lines as they go to the terminal, each with a line end and no spaces before it. */
export function printLines(lines: readonly Line[], look: Look): string {
  return lines.map((line) => `${printLine(line, look)}\n`).join("");
}

/** One line without its end. */
export function printLine(line: Line, look: Look): string {
  const pieces = line.map(pieceOf);
  const printed = pieces.map(({ text, tone }) => paint(terminalText(text), tone, look)).join("");
  return look.color ? printed : printed.trimEnd();
}

/** Columns of a line as printed. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, piece) => sum + displayWidth(terminalText(pieceOf(piece).text)), 0);
}

/** A sentence broken to the width of the look, every line indented. */
export function paragraph(piece: string | Piece, indent: number, look: Look): Line[] {
  const { text, tone } = pieceOf(piece);
  const room = Math.max(20, look.width - indent);
  return wrapText(terminalText(text), room).map((line) => [" ".repeat(indent), toned(tone, line)]);
}

/** A label of fixed width and a sentence that wraps beside it. */
export function labelled(
  label: string,
  text: string,
  place: { indent: number; labelWidth: number; look: Look },
): Line[] {
  const { indent, labelWidth, look } = place;
  const [first = [], ...rest] = paragraph(text, indent + labelWidth, look);
  const [, ...firstText] = first;
  return [[" ".repeat(indent), toned("dim", label.padEnd(labelWidth)), ...firstText], ...rest];
}

export function pieceOf(piece: string | Piece): Piece {
  return typeof piece === "string" ? { text: piece, tone: "plain" } : piece;
}
