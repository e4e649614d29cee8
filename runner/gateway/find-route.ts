/** Who asks, and for what: only the agents of open accounts, on the loopback, for what is metered. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { OpenAccount } from "./account.ts";
import { ANTHROPIC } from "./anthropic.ts";
import { GEMINI } from "./gemini.ts";
import { OPENAI_CHAT } from "./openai-chat.ts";
import { OPENAI_EMBEDDINGS } from "./openai-embeddings.ts";
import { OPENAI_RESPONSES } from "./openai-responses.ts";
import { type Refusal, unauthorized, unknownPath } from "./refusal.ts";
import type { Upstream } from "./upstream.ts";
import type { Route, ProviderFormat } from "./provider-format.ts";

const FORMATS: readonly ProviderFormat[] = [
  ANTHROPIC,
  OPENAI_CHAT,
  OPENAI_RESPONSES,
  OPENAI_EMBEDDINGS,
  GEMINI,
];

export type Found =
  | {
      readonly kind: "route";
      readonly account: OpenAccount;
      readonly upstreams: readonly Upstream[];
      readonly format: ProviderFormat;
      readonly route: Route;
    }
  | { readonly kind: "refused"; readonly account: OpenAccount | null; readonly refusal: Refusal };

/** Accounts by the id in the path, or by the key that the client sends. */
export function find(request: IncomingMessage, accounts: ReadonlyMap<string, OpenAccount>): Found {
  const url = URL.parse(request.url ?? "/", "http://127.0.0.1");
  if (url === null) return { kind: "refused", account: null, refusal: unauthorized() };
  const [, id, name, rest] = /^\/([0-9a-f]{32})\/([^/]+)(\/.*)$/u.exec(url.pathname) ?? [];
  const account = accountOf(id, keysOf(request.headers, url), accounts);
  if (account === undefined) return { kind: "refused", account: null, refusal: unauthorized() };
  const path = rest ?? url.pathname;
  const meant = account.options.upstreams.filter(
    (upstream) => name === undefined || encodeURIComponent(upstream.name) === name,
  );
  for (const format of FORMATS) {
    const route = format.route(request.method ?? "", path, url.searchParams);
    const upstreams = meant.filter(({ provider }) => format.providers.includes(provider));
    if (route !== undefined && upstreams.length > 0) {
      return { kind: "route", account, upstreams, format, route };
    }
  }
  return { kind: "refused", account, refusal: unknownPath(path) };
}

/** Both, where both are sent; a client without a key is known by the path alone, which nobody can guess. */
function accountOf(
  id: string | undefined,
  keys: readonly string[],
  accounts: ReadonlyMap<string, OpenAccount>,
): OpenAccount | undefined {
  if (id !== undefined) {
    const account = accounts.get(id);
    return keys.length === 0 || keys.includes(account?.token ?? "") ? account : undefined;
  }
  return [...accounts.values()].find(({ token }) => keys.includes(token));
}

function keysOf(headers: IncomingHttpHeaders, url: URL): readonly string[] {
  const sent = [
    headers.authorization?.replace(/^bearer\s+/iu, ""),
    headers["x-api-key"],
    headers["x-goog-api-key"],
    url.searchParams.get("key") ?? undefined,
  ];
  return sent.filter((key) => typeof key === "string");
}

/** A page in a browser can make a name of its own point to the loopback, but not write another name here. */
export function isLocalHost(host: string | undefined, port: number): boolean {
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}
