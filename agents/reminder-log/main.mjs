// Reads {inputs: {folder, sent}} on stdin; adds to reminders.csv what it does not hold yet.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appendReminders } from "./log.mjs";
import { rememberReminders } from "./memory.mjs";

const request = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(`${JSON.stringify(record(request.inputs))}\n`);

/** @param {{ folder: string, sent: { key: string, input?: unknown, receipt?: unknown }[] }} inputs */
function record({ folder, sent }) {
  const file = join(folder, "reminders.csv");
  const reminders = sent.map(readReminder);
  const broken = reminders.find((reminder) => typeof reminder === "string");
  if (broken !== undefined) return { outcome: "missing-data", outputs: null, rationale: broken };
  const known = reminders.filter((reminder) => typeof reminder !== "string");
  const { text, added } = appendReminders(
    existsSync(file) ? readFileSync(file, "utf8") : "",
    known,
  );
  const outputs = { added: added.length, known: known.length - added.length };
  if (added.length === 0)
    return { outcome: "noop", outputs, rationale: "The log holds them all already." };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  const rationale = `Wrote down ${added.length} ${added.length === 1 ? "reminder" : "reminders"}.`;
  return { outcome: "succeeded", outputs, memory: rememberReminders(added), rationale };
}

/**
 * @param {{ key: string, input?: unknown, receipt?: unknown }} item of the mailer's step
 * @returns {import("./log.mjs").Reminder | string} a string says what is missing
 */
function readReminder({ key, input, receipt }) {
  const client = at(input, ["input", "client"]);
  const messageId = at(receipt, ["messageId"]);
  const to = at(receipt, ["to"]);
  const sentOn = at(receipt, ["sentOn"]);
  if (client === undefined) return `${key}: the item does not name its client`;
  if (messageId === undefined || to === undefined || sentOn === undefined)
    return `${key}: no receipt of the mail`;
  return { number: key, client, receipt: { messageId, to, sentOn } };
}

/** @param {unknown} value @param {readonly string[]} path @returns {string | undefined} */
function at(value, path) {
  const found = path.reduce(
    (/** @type {unknown} */ inner, name) =>
      typeof inner === "object" && inner !== null ? Reflect.get(inner, name) : undefined,
    value,
  );
  return typeof found === "string" ? found : undefined;
}
