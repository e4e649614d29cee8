import { formatDay } from "./day.mjs";
import { formatAmount } from "./money.mjs";

/** Days of silence after a reminder, and how many reminders there are before somebody calls. */
const quietDays = 14;
const maxReminders = 3;

/**
 * Open invoices that are overdue for more than `minDays` days on `today`, longest overdue first:
 * those to be reminded of now, and those that had all their reminders.
 * @param {object} books
 * @param {readonly import("./ledger.mjs").Invoice[]} books.invoices
 * @param {ReadonlyMap<string, readonly number[]>} books.reminders
 * @param {(invoice: import("./ledger.mjs").Invoice) => ReturnType<typeof import("./ledger.mjs").readClient>} books.clientOf
 * @param {{ today: number, minDays: number }} when
 */
export function findOverdue({ invoices, reminders, clientOf }, { today, minDays }) {
  const late = invoices
    .filter((invoice) => invoice.open && today - invoice.dueDay > minDays)
    .toSorted((a, b) => a.dueDay - b.dueDay || (a.number < b.number ? -1 : 1))
    .map((invoice) => ({ invoice, sent: reminders.get(invoice.number) ?? [] }))
    .filter(({ sent }) => sent.every((day) => today - day > quietDays));
  const describe = (/** @type {(typeof late)[number]} */ { invoice, sent }) =>
    describeInvoice({ invoice, client: clientOf(invoice), reminders: sent.length, today });
  return {
    overdue: late.filter(({ sent }) => sent.length < maxReminders).map(describe),
    toCall: late.filter(({ sent }) => sent.length >= maxReminders).map(describe),
  };
}

/**
 * @param {object} facts
 * @param {import("./ledger.mjs").Invoice} facts.invoice
 * @param {ReturnType<typeof import("./ledger.mjs").readClient>} facts.client
 * @param {number} facts.reminders
 * @param {number} facts.today
 */
function describeInvoice({ invoice, client, reminders, today }) {
  return {
    number: invoice.number,
    client: invoice.client,
    clientName: invoice.clientName,
    greeting: client.greeting,
    email: client.email,
    language: client.language,
    tone: client.tone,
    description: invoice.description,
    currency: invoice.currency,
    amountMinor: invoice.amountMinor,
    amount: formatAmount(invoice.amountMinor, invoice.currency, client.language),
    due: invoice.due,
    dueText: formatDay(invoice.due, client.language),
    daysOverdue: today - invoice.dueDay,
    reminders,
  };
}
