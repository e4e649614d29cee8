import { BadFile, parseTable } from "./csv.mjs";
import { parseDay } from "./day.mjs";
import { currencies, isCurrency, parseAmount } from "./money.mjs";

const statuses = ["open", "paid", "void"];

/**
 * @typedef {object} Invoice
 * @property {number} line in invoices.csv
 * @property {string} number
 * @property {string} client
 * @property {string} clientName
 * @property {string} description
 * @property {string} due yyyy-mm-dd
 * @property {number} dueDay
 * @property {import("./money.mjs").Currency} currency
 * @property {number} amountMinor
 * @property {boolean} open
 */

/**
 * Every invoice of the file; the first bad row throws BadFile.
 * @param {string} file
 * @param {string} text
 * @returns {Invoice[]}
 */
export function readInvoices(file, text) {
  const columns = [
    "number",
    "client",
    "client_name",
    "description",
    "due",
    "currency",
    "amount",
    "status",
  ];
  const seen = new Map();
  return parseTable(file, text, columns).map(({ line, cells }) => {
    const invoice = readInvoice(file, line, cells);
    const earlier = seen.get(invoice.number);
    if (earlier !== undefined)
      throw new BadFile(file, line, `${invoice.number} stands on line ${earlier} too`);
    seen.set(invoice.number, line);
    return invoice;
  });
}

/** @param {string} file @param {number} line @param {Record<string, string>} cells @returns {Invoice} */
function readInvoice(file, line, cells) {
  const cell = (/** @type {string} */ name) => cells[name] ?? "";
  const fail = (/** @type {string} */ problem) => new BadFile(file, line, problem);
  const currency = cell("currency");
  if (cell("number") === "") throw fail("no number");
  if (!/^[a-z0-9][-a-z0-9]*$/.test(cell("client")))
    throw fail(`client "${cell("client")}" is not a short name`);
  if (!isCurrency(currency))
    throw fail(`currency "${currency}" is none of ${currencies.join(", ")}`);
  if (!statuses.includes(cell("status")))
    throw fail(`status "${cell("status")}" is none of ${statuses.join(", ")}`);
  const amountMinor = parseAmount(cell("amount"), currency);
  if (amountMinor === undefined) throw fail(`"${cell("amount")}" is not an amount in ${currency}`);
  const dueDay = parseDay(cell("due"));
  if (dueDay === undefined) throw fail(`due date "${cell("due")}" is not a day like 2026-10-14`);
  return {
    line,
    number: cell("number"),
    client: cell("client"),
    clientName: cell("client_name"),
    description: cell("description"),
    due: cell("due"),
    dueDay,
    currency,
    amountMinor,
    open: cell("status") === "open",
  };
}

/**
 * Days on which each invoice was reminded of, by invoice number.
 * @param {string} file
 * @param {string} text
 * @returns {Map<string, number[]>}
 */
export function readReminders(file, text) {
  /** @type {Map<string, number[]>} */
  const days = new Map();
  for (const { line, cells } of parseTable(file, text, ["sent_on", "number"])) {
    const day = parseDay(cells.sent_on ?? "");
    if (day === undefined)
      throw new BadFile(file, line, `"${cells.sent_on}" is not a day like 2026-10-14`);
    const number = cells.number ?? "";
    days.set(number, [...(days.get(number) ?? []), day]);
  }
  return days;
}

/**
 * The lines between the two `---` of a client's file, as a map; the text below is for people.
 * @param {string} file
 * @param {string} text
 * @returns {{ email: string, greeting: string, language: import("./day.mjs").Language, tone: string }}
 */
export function readClient(file, text) {
  const lines = text.split(/\r?\n/);
  const end = lines.indexOf("---", 1);
  if (lines[0] !== "---" || end < 0)
    throw new BadFile(file, 1, "does not start with a block between two --- lines");
  const fields = new Map(
    lines.slice(1, end).map((entry, index) => {
      const match = /^([a-z]+): +(\S.*)$/.exec(entry);
      if (match === null)
        throw new BadFile(file, index + 2, "expected a line like `email: name@example.org`");
      return [match[1], match[2]];
    }),
  );
  const field = (/** @type {string} */ name) => {
    const value = fields.get(name);
    if (value === undefined) throw new BadFile(file, 1, `no ${name}`);
    return value;
  };
  const language = field("language");
  if (language !== "de" && language !== "en")
    throw new BadFile(file, 1, `language "${language}" is neither de nor en`);
  return {
    email: field("email"),
    greeting: field("greeting"),
    language,
    tone: field("tone"),
  };
}
