import { createHash } from "node:crypto";

/**
 * @typedef {{ from: string, to: string, subject: string, body: string, reference: string }} Letter
 * @typedef {{ messageId: string, to: string, via: "outbox" | "smtp", sentOn: string }} Receipt
 */

/**
 * Message-ID of an effect: the same effect always has the same one, so a mail server or a reader can
 * tell a repeated mail from a new one.
 * @param {string} effectKey
 * @param {string} from address, with or without a name
 * @returns {string}
 */
export function messageIdOf(effectKey, from) {
  const domain = /@([^\s<>@]+?)>?\s*$/.exec(from)?.[1] ?? "localhost";
  return `<${fingerprint(effectKey)}@${domain}>`;
}

/**
 * File name of a letter in the outbox: day, reference and a piece of the effect's key.
 * @param {{ sentOn: string, reference: string, effectKey: string }} letter
 * @returns {string}
 */
export function outboxName({ sentOn, reference, effectKey }) {
  const words = reference.toLowerCase().match(/[a-z0-9]+/g) ?? ["mail"];
  return `${sentOn}-${words.join("-").slice(0, 60)}-${fingerprint(effectKey).slice(0, 8)}.eml`;
}

/** @param {string} effectKey @returns {string} */
function fingerprint(effectKey) {
  return createHash("sha256").update(effectKey).digest("hex").slice(0, 32);
}
