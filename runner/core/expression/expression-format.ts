import { Hold, joinTexts, spell } from "./expression-operand.ts";

/** `%%`, or a place such as `%s`, `%d`, `%.2f`; a percent sign with anything else behind it is a mistake. */
const PLACE = /%(?:(%)|(s)|(d)|(?:\.(\d{1,2}))?(f)|(.?))/gs;
const DEFAULT_DECIMALS = 6;
const MAX_DECIMALS = 20;
/** From here on, numbers are spelled with an exponent. */
const MAX_FIXED = 1e21;

/** A template with its places filled: `%s` any scalar, `%d` an integer, `%.2f` a number with two decimals, `%%` a percent sign. */
export function formatText(template: string, values: readonly unknown[]): string | Hold {
  const texts: string[] = [];
  let position = 0;
  let used = 0;
  for (const match of template.matchAll(PLACE)) {
    texts.push(template.slice(position, match.index));
    position = match.index + match[0].length;
    if (match[1] === "%") {
      texts.push("%");
      continue;
    }
    if (used >= values.length) return new Hold(`there is no value for place ${used + 1}`);
    const filled = fill(match, values[used]);
    if (filled === undefined) return new Hold(`\`${match[0]}\` does not take value ${used + 1}`);
    texts.push(filled);
    used += 1;
  }
  if (used < values.length) return new Hold(`has ${values.length} values for ${used} places`);
  return joinTexts([...texts, template.slice(position)], "");
}

function fill(
  [, , any, whole, decimals, fixed]: RegExpExecArray,
  value: unknown,
): string | undefined {
  if (any !== undefined) return spell(value);
  if (whole !== undefined) return isWhole(value) ? String(value) : undefined;
  if (fixed === undefined) return undefined;
  const isNumber = typeof value === "bigint" || typeof value === "number";
  const number = isNumber ? Number(value) : NaN;
  const places = Number(decimals ?? DEFAULT_DECIMALS);
  if (!(Math.abs(number) < MAX_FIXED) || places > MAX_DECIMALS) return undefined;
  return number.toFixed(places);
}

function isWhole(value: unknown): boolean {
  return typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value));
}
