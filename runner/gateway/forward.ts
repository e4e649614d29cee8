/** The way to a provider: its key is put in here and nowhere else, and no redirect is followed. */
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { pipeline } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Upstream } from "./upstream.ts";
import type { ProviderFormat } from "./provider-format.ts";

export interface Connections {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** Idle ones are closed before most servers close them. */
const KEPT = { keepAlive: true, timeout: 4000 };

export function openConnections(): Connections {
  return { http: new HttpAgent(KEPT), https: new HttpsAgent(KEPT) };
}

export interface Forwarded {
  readonly upstream: Upstream;
  readonly format: ProviderFormat;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

export type Reply =
  | { readonly kind: "answered"; readonly message: IncomingMessage }
  /** `isSent`: the provider may have begun to work. */
  | { readonly kind: "failed"; readonly isSent: boolean; readonly message: string };

export function forward(forwarded: Forwarded, connections: Connections): Promise<Reply> {
  const { upstream, format, body, signal } = forwarded;
  const url = urlOf(upstream, forwarded.path);
  const isSecure = url.protocol === "https:";
  const [name, value] = format.keyHeader(upstream.key ?? "");
  const { promise, resolve } = Promise.withResolvers<Reply>();
  const sent = (isSecure ? httpsRequest : httpRequest)(url, {
    method: "POST",
    agent: isSecure ? connections.https : connections.http,
    signal,
    headers: {
      ...forwarded.headers,
      ...(upstream.key !== undefined && { [name]: value }),
      "content-type": "application/json",
      "content-length": body.length,
      "accept-encoding": "identity",
    },
  });
  let isSent = false;
  const note = (): void => {
    isSent = true;
  };
  sent.on("socket", (socket) => {
    if (socket.connecting) socket.once(isSecure ? "secureConnect" : "connect", note);
    else note();
  });
  sent.on("response", (message) => resolve({ kind: "answered", message }));
  // What is no answer is none: an end without a word, and a switch of protocols, which ends the connection.
  sent.on("close", () =>
    resolve({ kind: "failed", isSent, message: "it ended without an answer" }),
  );
  sent.on("error", (error) => resolve({ kind: "failed", isSent, message: error.message }));
  sent.end(body);
  return promise;
}

function urlOf({ baseUrl, provider }: Upstream, path: string): URL {
  const base = baseUrl.replace(/\/+$/u, "");
  const version = provider === "anthropic" ? /\/v1$/u : /\/v1beta$/u;
  return new URL(`${provider.startsWith("openai") ? base : base.replace(version, "")}${path}`);
}

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The bytes of the answer as they were before they were packed; undefined for a packing that is not known. */
export function unpacked(message: IncomingMessage): AsyncIterable<unknown> | undefined {
  const encoding = message.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "") return message;
  const decoder = DECODERS[encoding]?.();
  if (decoder === undefined) return undefined;
  // Both ends of the pipe tell an error to whoever reads.
  return pipeline(message, decoder, () => undefined);
}
