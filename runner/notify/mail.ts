/** One mail over SMTP. */
import { createTransport } from "nodemailer";
import type { Sent, Word } from "#runner/core/notifier.ts";

const PATIENCE = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 15_000 };

export async function sendMail(
  { notification, workspace }: Word,
  { server, address }: { readonly server: string; readonly address: string },
): Promise<Sent> {
  const transport = createTransport({ url: server, ...PATIENCE });
  const { title, text } = notification;
  const subject = `[${workspace || "fettle"}] ${title}`;
  try {
    // Connecting and logging in first leaves only the mail itself in doubt.
    const unreachable = await transport.verify().then(() => undefined, reasonOf);
    if (unreachable !== undefined) return { kind: "refused", why: unreachable };
    await transport.sendMail({ from: address, to: address, subject, text });
    return { kind: "sent" };
  } catch (error) {
    return { kind: isRefused(error) ? "refused" : "unknown", why: reasonOf(error) };
  } finally {
    transport.close();
  }
}

function isRefused(error: unknown): boolean {
  const code = error instanceof Error && "responseCode" in error ? error.responseCode : undefined;
  return typeof code === "number" && code >= 400;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
