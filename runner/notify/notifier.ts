/** Mail, webhooks, ntfy and Slack: one word to one place. */
import { whyNotAsked } from "#runner/core/asked-port.ts";
import type { Notifier, Sent, Word } from "#runner/core/notifier.ts";

type Secrets = Parameters<Notifier["send"]>[1];

const PATIENCE_MS = 10_000;

export const notifier: Notifier = { send, ping };

async function send(word: Word, secrets: Secrets, signal: AbortSignal): Promise<Sent> {
  const { to, smtp = "SMTP_URL" } = word.notify;
  if (!to.startsWith("mailto:")) return sendByHttp(word, secrets, signal);
  const server = secrets[smtp];
  if (server === undefined) return refused(`the secret ${smtp} is not set`);
  const { sendMail } = await import("./mail.ts");
  return sendMail(word, { server, address: to.slice("mailto:".length) });
}

async function ping(address: string, secrets: Secrets, signal: AbortSignal): Promise<Sent> {
  const url = resolved(address, secrets);
  return url === null ? refused(`the secret ${address} is not set`) : asking(url, { signal });
}

function sendByHttp(word: Word, secrets: Secrets, signal: AbortSignal): Promise<Sent> {
  const { notification, notify, workspace } = word;
  const { title, text, on, key } = notification;
  const [, kind = "webhook", place = notify.to] = /^(slack|webhook):(.*)$/u.exec(notify.to) ?? [];
  if (place.startsWith("ntfy:")) {
    const { protocol, host, topic } = ntfyPlace(place);
    return posting(`${protocol}//${host}/`, { topic, title, message: text }, signal);
  }
  const url = resolved(place, secrets);
  if (url === null) return Promise.resolve(refused(`the secret ${place} is not set`));
  const body =
    kind === "slack"
      ? { text: `*${slackText(title)}*\n${slackText(text)}` }
      : { on, key, title, text, workspace };
  return posting(url, body, signal);
}

/** Without markup and mentions: `<!channel>` begins with a bracket. */
function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function ntfyPlace(place: string): {
  readonly protocol: string;
  readonly host: string;
  readonly topic: string;
} {
  const { host, hostname, pathname } = new URL(place.replace(/^ntfy:/u, "https:"));
  const isHere = hostname === "127.0.0.1" || hostname === "localhost";
  return { protocol: isHere ? "http:" : "https:", host, topic: pathname.slice(1) };
}

/** null: the secret that it names is not set. */
function resolved(place: string, secrets: Secrets): string | null {
  return place.startsWith("$") ? (secrets[place.slice(1)] ?? null) : place;
}

function posting(url: string, body: object, signal: AbortSignal): Promise<Sent> {
  const headers = { "content-type": "application/json" };
  return asking(url, { method: "POST", headers, body: JSON.stringify(body), signal });
}

async function asking(
  url: string,
  request: RequestInit & { readonly signal: AbortSignal },
): Promise<Sent> {
  const wrong = whyNotAsked(url);
  if (wrong !== null) return refused(wrong);
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    const response = await fetch(url, { ...request, signal, redirect: "error" });
    await response.body?.cancel();
    return response.ok ? { kind: "sent" } : refused(`HTTP ${response.status}`);
  } catch (error) {
    return failed(error);
  }
}

/** Only a connection that never came about proves that nothing arrived. */
function failed(error: unknown): Sent {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const isRefused = code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN";
  return isRefused ? refused(why) : { kind: "unknown", why };
}

function refused(why: string): Sent {
  return { kind: "refused", why };
}
