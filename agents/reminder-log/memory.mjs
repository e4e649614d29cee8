/** A reminder keeps the client quiet for so long; afterwards the memory of it is over. */
const quietDays = 14;

/**
 * One fact a client: what was just asked of them, so that nobody asks again at once.
 * @param {readonly import("./log.mjs").Reminder[]} added
 */
export function rememberReminders(added) {
  return [...Map.groupBy(added, ({ client }) => client)].map(([client, reminders]) => {
    const days = reminders.map(({ receipt }) => receipt.sentOn).toSorted();
    const numbers = reminders.map(({ number }) => number).join(", ");
    return {
      kind: "fact",
      subject: `client/${client}`,
      text: `Payment reminder for ${numbers} sent on ${days.at(-1)}; no further one before ${plusDays(days.at(-1) ?? "", quietDays + 1)}.`,
      confidence: 1,
      validFrom: days[0],
      validTo: plusDays(days.at(-1) ?? "", quietDays),
    };
  });
}

/** @param {string} day yyyy-mm-dd @param {number} count @returns {string} */
function plusDays(day, count) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}
