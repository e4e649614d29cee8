import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { outboxName } from "./mail.mjs";

/**
 * Writes the mail as a file that any mail program opens; the same mail gives the same bytes.
 * @param {import("nodemailer").SendMailOptions} message
 * @param {{ folder: string, asOf: string, reference: string, effectKey: string }} place
 * @returns {Promise<void>}
 */
export async function layIntoOutbox(message, { folder, asOf, reference, effectKey }) {
  const transport = createTransport({
    streamTransport: true,
    buffer: true,
    newline: "unix",
  });
  const { message: bytes } = await transport.sendMail({ ...message, date: new Date(asOf) });
  if (!Buffer.isBuffer(bytes)) throw new TypeError("expected the mail as bytes");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, outboxName({ sentOn: asOf.slice(0, 10), reference, effectKey })),
    bytes,
  );
}
