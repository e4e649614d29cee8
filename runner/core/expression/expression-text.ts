/** Text with expressions in it: `Reminder for ${{ item.number }}`. */
import type { ExpressionError } from "./expression.ts";

/** `offset` counts UTF-16 units from the start of the text; that of an expression is where its source starts. */
export type TextPart =
  | { readonly kind: "literal"; readonly text: string; readonly offset: number }
  | { readonly kind: "expression"; readonly source: string; readonly offset: number };

export type TemplateText =
  | { readonly ok: true; readonly parts: readonly TextPart[] }
  | { readonly ok: false; readonly errors: readonly ExpressionError[] };

const OPENING = "${{";
const CLOSING = "}}";
/** `$${{` stands for a literal `${{`. */
const ESCAPED = "$${{";

/** Parts of a text in order; the source of an expression stands between `${{` and the `}}` that closes it. */
export function parseTemplateText(text: string): TemplateText {
  const parts: TextPart[] = [];
  let literal = { text: "", offset: 0 };
  let position = 0;
  while (position < text.length) {
    if (text.startsWith(ESCAPED, position)) {
      literal.text += OPENING;
      position += ESCAPED.length;
    } else if (text.startsWith(OPENING, position)) {
      const offset = position + OPENING.length;
      const end = endOfExpression(text, offset);
      if (end === undefined) return { ok: false, errors: [unclosed(position, text)] };
      if (literal.text !== "") parts.push({ kind: "literal", ...literal });
      parts.push({ kind: "expression", source: text.slice(offset, end), offset });
      position = end + CLOSING.length;
      literal = { text: "", offset: position };
    } else {
      literal.text += text.charAt(position);
      position += 1;
    }
  }
  if (literal.text !== "") parts.push({ kind: "literal", ...literal });
  return { ok: true, parts };
}

function unclosed(offset: number, text: string): ExpressionError {
  const message = "`${{` is never closed by `}}` (write `$${{` for the characters themselves)";
  return { message, offset, length: text.length - offset };
}

/** Where the closing `}}` stands; braces of CEL maps and everything inside CEL strings do not close. */
function endOfExpression(text: string, start: number): number | undefined {
  let depth = 0;
  let position = start;
  while (position < text.length) {
    if (depth === 0 && text.startsWith(CLOSING, position)) return position;
    const character = text.charAt(position);
    if (character === '"' || character === "'") {
      position = endOfString(text, position);
      continue;
    }
    if (character === "{") depth += 1;
    if (character === "}") depth = Math.max(0, depth - 1);
    position += 1;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  const quote = text.charAt(start);
  const delimiter = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  const isRaw = /(?:^|[^A-Za-z0-9_])[rR]$/.test(text.slice(Math.max(0, start - 2), start));
  let position = start + delimiter.length;
  while (position < text.length) {
    if (text.startsWith(delimiter, position)) return position + delimiter.length;
    position += text.charAt(position) === "\\" && !isRaw ? 2 : 1;
  }
  return text.length;
}
