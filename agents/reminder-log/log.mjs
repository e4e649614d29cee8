const header = "sent_on,number,client,to,message_id";

/**
 * @typedef {{ messageId: string, to: string, sentOn: string }} Receipt
 * @typedef {{ number: string, client: string, receipt: Receipt }} Reminder
 */

/**
 * The log with the reminders that it does not hold yet. A Message-ID belongs to one effect, so a
 * reminder that is handed in twice is written once.
 * @param {string} text the log as it stands; empty when there is none
 * @param {readonly Reminder[]} reminders
 * @returns {{ text: string, added: Reminder[] }}
 */
export function appendReminders(text, reminders) {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const byId = new Map(reminders.map((reminder) => [reminder.receipt.messageId, reminder]));
  const added = [...byId.values()].filter(({ receipt }) => !text.includes(receipt.messageId));
  if (added.length === 0) return { text, added };
  const body = text === "" ? `${header}${lineEnd}` : text;
  const start = body.endsWith("\n") ? body : `${body}${lineEnd}`;
  return { text: start + added.map((reminder) => row(reminder) + lineEnd).join(""), added };
}

/** @param {Reminder} reminder @returns {string} */
function row({ number, client, receipt }) {
  return [receipt.sentOn, number, client, receipt.to, receipt.messageId].map(cell).join(",");
}

/** @param {string} value @returns {string} */
function cell(value) {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
