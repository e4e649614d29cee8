// Reads {inputs: {folder, minDays?}, asOf} on stdin; writes the overdue invoices on stdout.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BadFile } from "./csv.mjs";
import { parseDay } from "./day.mjs";
import { readClient, readInvoices, readReminders } from "./ledger.mjs";
import { findOverdue } from "./overdue.mjs";

const request = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(`${JSON.stringify(answer(request.inputs, request.asOf))}\n`);

/** @param {{ folder: string, minDays?: number }} inputs @param {string} asOf */
function answer(inputs, asOf) {
  try {
    const outputs = measure(inputs, asOf);
    return { outcome: "succeeded", outputs, rationale: summary(outputs) };
  } catch (error) {
    if (!(error instanceof BadFile)) throw error;
    return { outcome: "missing-data", outputs: null, rationale: error.message };
  }
}

/** @param {{ folder: string, minDays?: number }} inputs @param {string} asOf */
function measure({ folder, minDays = 7 }, asOf) {
  const today = parseDay(asOf.slice(0, 10));
  if (today === undefined) throw new TypeError(`asOf is not an instant: ${asOf}`);
  const invoiceFile = join(folder, "invoices.csv");
  const reminderFile = join(folder, "reminders.csv");
  const invoices = readInvoices(invoiceFile, readText(invoiceFile));
  // A new project has no log yet: nobody was reminded.
  const reminders = existsSync(reminderFile)
    ? readReminders(reminderFile, readText(reminderFile))
    : new Map();
  const clientOf = (/** @type {import("./ledger.mjs").Invoice} */ { client, line }) => {
    const file = join(folder, "clients", `${client}.md`);
    if (!existsSync(file)) throw new BadFile(invoiceFile, line, `there is no ${file}`);
    return readClient(file, readText(file));
  };
  const { overdue, toCall } = findOverdue({ invoices, reminders, clientOf }, { today, minDays });
  return { overdue, overdueUnreminded: overdue.length, toCall };
}

/** @param {string} file @returns {string} */
function readText(file) {
  if (!existsSync(file)) throw new BadFile(file, 1, "is missing");
  const bytes = readFileSync(file);
  if (bytes.includes(0)) throw new BadFile(file, 1, "is not a text file");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const before = bytes.subarray(0, firstBadByte(bytes)).toString("latin1");
    throw new BadFile(file, before.split("\n").length, "is not UTF-8 (save it as UTF-8)");
  }
}

/** @param {Buffer} bytes not UTF-8 @returns {number} */
function firstBadByte(bytes) {
  const text = bytes.toString("utf8");
  return Buffer.byteLength(text.slice(0, text.indexOf("\uFFFD")));
}

/** @param {ReturnType<typeof measure>} outputs @returns {string} */
function summary({ overdue, toCall }) {
  const remind =
    overdue.length === 1
      ? "1 invoice needs a reminder"
      : `${overdue.length} invoices need a reminder`;
  return toCall.length === 0 ? `${remind}.` : `${remind}; ${toCall.length} had three already.`;
}
