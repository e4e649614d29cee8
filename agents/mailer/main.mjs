// Reads {inputs: {from, to, subject, body, reference}, asOf, attempt, project, effect} on stdin; sends the mail;
// writes its receipt on stdout. Bundled with nodemailer into main.gen.mjs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { messageIdOf } from "./mail.mjs";
import { layIntoOutbox } from "./outbox.mjs";
import { sendBySmtp } from "./smtp.mjs";

const request = JSON.parse(readFileSync(0, "utf8"));
// oxlint-disable-next-line node/no-process-env -- a secret reaches its agent as an environment variable
const answer = await send(request, process.env.SMTP_URL);
process.stdout.write(`${JSON.stringify(answer)}\n`);

/**
 * @param {object} request
 * @param {import("./mail.mjs").Letter} request.inputs
 * @param {string} request.asOf
 * @param {number} request.attempt
 * @param {{ name: string, dir: string }} request.project
 * @param {{ key: string, resume?: boolean, askOnly?: boolean } | null} request.effect
 * @param {string | undefined} url
 */
async function send({ inputs, asOf, attempt, project, effect }, url) {
  if (effect === null) throw new Error("a mail needs the key of its effect");
  const messageId = messageIdOf(effect.key, inputs.from);
  const message = {
    from: inputs.from,
    to: inputs.to,
    subject: inputs.subject,
    text: inputs.body,
    messageId,
  };
  const receipt = { messageId, to: inputs.to, sentOn: asOf.slice(0, 10) };
  if (url === undefined || url === "") {
    const folder = join(project.dir, "outbox");
    // Another runner may be about to do it: what it lays into its outbox is not seen from here.
    if (effect.askOnly === true)
      return unsent("uncertain", `nobody knows whether ${messageId} was laid into an outbox`);
    await layIntoOutbox(message, {
      folder,
      asOf,
      reference: inputs.reference,
      effectKey: effect.key,
    });
    return succeeded({ ...receipt, via: "outbox" });
  }
  // An earlier attempt that left no result may have sent the mail; SMTP cannot be asked.
  if (effect.resume === true || attempt > 1)
    return unsent(
      "uncertain",
      `look for ${messageId} in the sent mail: an earlier attempt was cut off`,
    );
  const { outcome, reason } = await sendBySmtp(message, url);
  return outcome === "succeeded" ? succeeded({ ...receipt, via: "smtp" }) : unsent(outcome, reason);
}

/** @param {import("./mail.mjs").Receipt} receipt */
function succeeded(receipt) {
  const where =
    receipt.via === "smtp" ? "Sent to" : "No mail server is set: laid into the outbox, for";
  return { outcome: "succeeded", outputs: receipt, receipt, rationale: `${where} ${receipt.to}.` };
}

/** @param {string} outcome @param {string} reason */
function unsent(outcome, reason) {
  return { outcome, outputs: null, rationale: reason };
}
