/** A table without borders, as kubectl prints it. */
import { pieceOf, toned, type Line, type Piece } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { terminalText } from "./terminal-text.ts";
import { cutToWidth, displayWidth } from "./width.ts";

export type Cell = string | Piece;

interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Is made narrower, down to so many columns, when the table is wider than the terminal; never when absent. */
  readonly shrinkTo?: number;
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly indent?: number;
}

const gap = 2;

/** A title line and one line a row; on a terminal, text that does not fit ends in an ellipsis. */
export function tableLines(table: Table, look: Look): Line[] {
  const rows = table.rows.map((row) => row.map((cell) => harmless(pieceOf(cell))));
  const titles = table.columns.map(({ title }) => toned("dim", title));
  const room = look.isNarrow ? look.width : Infinity;
  const widths = columnWidths(table, [titles, ...rows], room);
  const indent = " ".repeat(table.indent ?? 0);
  const ellipsis = signsOf(look).ellipsis;
  return [titles, ...rows].map((row) => [
    indent,
    ...row.flatMap((piece, index) => {
      const width = widths[index] ?? 0;
      const text = cutToWidth(piece.text, width, ellipsis);
      const space = " ".repeat(width - displayWidth(text));
      const padded =
        table.columns[index]?.align === "right" ? `${space}${text}` : `${text}${space}`;
      const isLast = index === row.length - 1;
      return [
        { ...piece, text: isLast ? padded.trimEnd() : padded },
        isLast ? "" : " ".repeat(gap),
      ];
    }),
  ]);
}

function columnWidths(table: Table, rows: readonly (readonly Piece[])[], width: number): number[] {
  const widths = table.columns.map((_, index) =>
    Math.max(...rows.map((row) => displayWidth(row[index]?.text ?? ""))),
  );
  let excess = (table.indent ?? 0) + sum(widths) + gap * (widths.length - 1) - width;
  while (excess > 0) {
    const widest = widestShrinkable(table.columns, widths);
    if (widest === null) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function widestShrinkable(columns: readonly Column[], widths: readonly number[]): number | null {
  let widest: number | null = null;
  for (const [index, { shrinkTo }] of columns.entries()) {
    const width = widths[index] ?? 0;
    if (shrinkTo === undefined || width <= shrinkTo) continue;
    if (widest === null || width > (widths[widest] ?? 0)) widest = index;
  }
  return widest;
}

function harmless(piece: Piece): Piece {
  return { ...piece, text: terminalText(piece.text) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
