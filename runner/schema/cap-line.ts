/** Changing one amount of a budget where it stands: every other character of the file stays. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Scalar } from "yaml";

export interface CapLine {
  readonly per: string;
  /** The key that holds the amount. */
  readonly field: string;
}

export interface ChangedLine {
  /** The file with the new amount. */
  readonly text: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** undefined: the file has no such line. */
export function withCap(source: string, cap: CapLine, amount: string): ChangedLine | undefined {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: false });
  const found = amountOf(document.get("budget"), cap);
  if (found?.range === undefined || found.range === null) return undefined;
  const [start, end] = found.range;
  const text = `${source.slice(0, start)}${amount}${source.slice(end)}`;
  const { line } = lines.linePos(start);
  const lineOf = (whole: string): string => (whole.split("\n")[line - 1] ?? "").trim();
  return { text, line, before: lineOf(source), after: lineOf(text) };
}

function amountOf(budget: unknown, { per, field }: CapLine): Scalar | undefined {
  if (!isSeq(budget)) return undefined;
  const line = budget.items.find(
    (item) => isMap(item) && item.get("per") === per && item.has(field),
  );
  const amount: unknown = isMap(line) ? line.get(field, true) : undefined;
  return isScalar(amount) ? amount : undefined;
}
