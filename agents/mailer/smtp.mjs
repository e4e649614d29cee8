import { createTransport } from "nodemailer";

/** Shorter than the agent's wall clock, so that it says itself what is known. */
const patience = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 30_000 };

/**
 * @typedef {{ outcome: "succeeded" | "missing-tool" | "missing-data" | "uncertain", reason: string }} Delivery
 */

/**
 * Sends one mail; says plainly when nobody can know whether it left.
 * @param {import("nodemailer").SendMailOptions} message
 * @param {string} url smtp:// or smtps://, with user and password
 * @returns {Promise<Delivery>}
 */
export async function sendBySmtp(message, url) {
  const transport = createTransport({ url, ...patience });
  try {
    // nodemailer gives a broken connection one and the same code at every stage. Connecting and
    // logging in first leaves only the mail itself in doubt.
    const unreachable = await transport.verify().then(() => undefined, reasonOf);
    if (unreachable !== undefined)
      return { outcome: "missing-tool", reason: `nothing was sent: ${unreachable}` };
    return await transport.sendMail(message).then(
      () => ({ outcome: /** @type {const} */ ("succeeded"), reason: "" }),
      (error) => refusal(error),
    );
  } finally {
    transport.close();
  }
}

/** @param {Error & { code?: string, responseCode?: number }} error @returns {Delivery} */
function refusal(error) {
  const refused = error.code === "EENVELOPE" || (error.responseCode ?? 0) >= 400;
  return refused
    ? { outcome: "missing-data", reason: `the mail server refused the mail: ${reasonOf(error)}` }
    : { outcome: "uncertain", reason: `nobody knows whether the mail left: ${reasonOf(error)}` };
}

/** @param {unknown} error @returns {string} */
function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}
