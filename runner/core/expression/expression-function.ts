/** The functions of expressions; `f(x, y)` may be written `x.f(y)`. Their reference with examples: docs/expressions.md. */
import { addDuration, daysBetween } from "#runner/core/time/civil-date.ts";
import { formatText } from "./expression-format.ts";
import { Hold, joinTexts, spell } from "./expression-operand.ts";
import {
  binary,
  integer,
  list,
  numberOrText,
  numbers,
  scalar,
  type Signature,
  sized,
  ternary,
  text,
  texts,
  unary,
} from "./expression-signature.ts";
import { DYN, type ValueType } from "./value-type.ts";

const STRING: ValueType = { kind: "string" };
const INT: ValueType = { kind: "int" };
const DOUBLE: ValueType = { kind: "double" };
const BOOL: ValueType = { kind: "bool" };

const MAX_INTEGER = 2n ** 63n - 1n;

/** Every function by name; more than one signature where the number of arguments may vary. */
export const FUNCTIONS: ReadonlyMap<string, readonly Signature[]> = new Map([
  ["size", [unary(sized, INT, sizeOf)]],

  ["string", [unary(scalar, STRING, (value) => spell(value))]],
  ["int", [unary(numberOrText, INT, toInteger)]],
  ["double", [unary(numberOrText, DOUBLE, toDouble)]],

  ["lower", [unary(text, STRING, (value) => value.toLowerCase())]],
  ["upper", [unary(text, STRING, (value) => value.toUpperCase())]],
  ["trim", [unary(text, STRING, (value) => value.trim())]],
  ["slug", [unary(text, STRING, slug)]],
  ["contains", [binary([text, text], BOOL, (value, part) => value.includes(part))]],
  ["startsWith", [binary([text, text], BOOL, (value, start) => value.startsWith(start))]],
  ["endsWith", [binary([text, text], BOOL, (value, end) => value.endsWith(end))]],
  ["replace", [ternary([text, text, text], STRING, replaceAll)]],
  ["split", [binary([text, text], { kind: "list", of: STRING }, (value, by) => value.split(by))]],
  [
    "substring",
    [
      binary([text, integer], STRING, (value, from) =>
        substring(value, from, BigInt(value.length)),
      ),
      ternary([text, integer, integer], STRING, substring),
    ],
  ],
  ["format", [binary([text, list], STRING, formatText)]],

  [
    "join",
    [
      unary(texts, STRING, (items) => joinTexts(items, "")),
      binary([texts, text], STRING, joinTexts),
    ],
  ],
  [
    "first",
    [
      unary(list, elementType, (items) =>
        items.length > 0 ? items[0] : new Hold("the list is empty"),
      ),
    ],
  ],
  [
    "last",
    [
      unary(list, elementType, (items) =>
        items.length > 0 ? items.at(-1) : new Hold("the list is empty"),
      ),
    ],
  ],
  ["sum", [unary(numbers, elementType, sum)]],

  [
    "addDuration",
    [
      binary([text, text], STRING, (moment, duration) => {
        const moved = addDuration(moment, duration);
        return moved.ok ? moved.text : new Hold(moved.reason);
      }),
    ],
  ],
  [
    "daysBetween",
    [
      binary([text, text], INT, (from, to) => {
        const between = daysBetween(from, to);
        return between.ok ? BigInt(between.days) : new Hold(between.reason);
      }),
    ],
  ],
]);

function elementType(type: ValueType): ValueType {
  return type.kind === "list" ? type.of : DYN;
}

function sizeOf(value: string | readonly unknown[] | Readonly<Record<string, unknown>>): bigint {
  if (typeof value === "string") return BigInt(Array.from(value).length);
  return BigInt(Array.isArray(value) ? value.length : Object.keys(value).length);
}

function toInteger(value: bigint | number | string): unknown {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return fits(BigInt(Math.trunc(value)));
  return /^-?\d{1,19}$/.test(value) ? fits(BigInt(value)) : new Hold(`"${value}" is no integer`);
}

function fits(value: bigint): bigint | Hold {
  const isSmall = value <= MAX_INTEGER && value >= -MAX_INTEGER - 1n;
  return isSmall ? value : new Hold(`${value} does not fit in 64 bits`);
}

function toDouble(value: bigint | number | string): unknown {
  if (typeof value !== "string") return Number(value);
  const isDecimal = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value);
  const number = Number(value);
  return isDecimal && Number.isFinite(number) ? number : new Hold(`"${value}" is no number`);
}

/** Letters and digits of the Latin alphabet in lower case, everything else a single dash. */
function slug(value: string): string | Hold {
  const plain = value
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .replaceAll("ß", "ss")
    .toLowerCase();
  const words = plain.match(/[a-z0-9]+/g);
  return words === null ? new Hold(`"${value}" has no letter or digit to keep`) : words.join("-");
}

function replaceAll(value: string, part: string, replacement: string): unknown {
  if (part === "") return new Hold("the text to replace is empty");
  return joinTexts(value.split(part), replacement);
}

function substring(value: string, from: bigint, to: bigint): unknown {
  const isInside = from >= 0n && from <= to && to <= BigInt(value.length);
  if (!isInside) return new Hold(`${from} to ${to} is not inside a text of ${value.length}`);
  return value.slice(Number(from), Number(to));
}

/** The elements may still be numbers of JSON; the type of the result decides which kind comes out. */
function sum(items: readonly (bigint | number)[]): bigint | number | Hold {
  let whole = 0n;
  let fraction = 0;
  for (const item of items) {
    if (typeof item === "bigint" || Number.isSafeInteger(item)) whole += BigInt(item);
    else fraction += item;
  }
  if (items.every((item) => typeof item === "bigint" || Number.isSafeInteger(item)))
    return fits(whole);
  const total = Number(whole) + fraction;
  return Number.isFinite(total) ? total : new Hold("the sum is too large");
}
