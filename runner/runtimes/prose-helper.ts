/** The helpers of prose templates, beside `each`, `if`, `unless` and `with`. All are pure. */

import type Handlebars from "handlebars";

/** Named arguments as Handlebars passes them. */
interface Options {
  readonly hash: Readonly<Record<string, unknown>>;
}

/**
 * - `{{money amountMinor currency locale="de"}}`: an integer of minor units (cents; yen for JPY) → `1.234,50 €`; English without `locale`.
 * - `{{date day locale="de"}}`: an ISO date, or the UTC day of an instant → `3. November 2026`.
 * - `{{json value}}`: indented JSON.
 * - `(eq a b)`: true when both are the same text, number or boolean; for `{{#if (eq inputs.language "de")}}`.
 * - `(concat a b …)`: texts and numbers as one text.
 * - `(where list field=value …)`: the objects of a list whose fields have these values; for `{{#each (where memory kind="fact")}}`.
 */
export const proseHelpers: Readonly<Record<string, Handlebars.HelperDelegate>> = {
  money,
  date,
  json,
  eq,
  concat,
  where,
};

function money(minor: unknown, currency: unknown, options: Options): string {
  if (typeof minor !== "number" || !Number.isSafeInteger(minor)) {
    throw new TypeError("money needs an integer of minor units");
  }
  if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) {
    throw new TypeError("money needs a currency such as EUR");
  }
  const format = new Intl.NumberFormat(localeOf(options, "en"), { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return plainSpaces(format.format(minor / 10 ** digits));
}

function date(day: unknown, options: Options): string {
  const form = /^\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?$/;
  const ms = typeof day === "string" && form.test(day) ? Date.parse(day.slice(0, 10)) : Number.NaN;
  if (Number.isNaN(ms)) throw new TypeError("date needs a day such as 2026-11-22");
  const locale = localeOf(options, "en-GB");
  return plainSpaces(
    new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(ms),
  );
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function eq(left: unknown, right: unknown): boolean {
  return left === right;
}

function concat(...given: readonly unknown[]): string {
  const parts = given.slice(0, -1);
  if (!parts.every((part) => typeof part === "string" || typeof part === "number")) {
    throw new TypeError("concat needs texts and numbers");
  }
  return parts.join("");
}

function where(list: unknown, { hash }: Options): readonly unknown[] {
  if (!Array.isArray(list)) throw new TypeError("where needs a list");
  const wanted = Object.entries(hash);
  return list.filter((item: unknown) =>
    wanted.every(([field, value]) => fieldOf(item, field) === value),
  );
}

function fieldOf(item: unknown, field: string): unknown {
  if (typeof item !== "object" || item === null || !Object.hasOwn(item, field)) return undefined;
  return Reflect.get(item, field);
}

function localeOf({ hash }: Options, otherwise: string): string {
  const locale = hash["locale"] ?? otherwise;
  if (typeof locale !== "string") throw new TypeError("locale is text such as de or en-GB");
  return locale;
}

/** No-break spaces spoil comparison and line breaking in plain text. */
function plainSpaces(text: string): string {
  return text.replaceAll(/[\u00A0\u202F]/g, " ");
}
