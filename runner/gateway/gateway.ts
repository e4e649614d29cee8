/** Every request to a model goes through here: one server on the loopback, an account for each attempt. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { OpenAccount } from "./account.ts";
import { count } from "./count.ts";
import { find, type Found, isLocalHost } from "./find-route.ts";
import { exchange, type House } from "./exchange.ts";
import { openConnections } from "./forward.ts";
import {
  type Account,
  type AccountOptions,
  type Gateway,
  type GatewayOptions,
  settingsOf,
} from "./options.ts";
import { prepare } from "./prepare.ts";
import { ProviderPlace } from "./provider-place.ts";
import { ENDED, type Refusal, tooLarge, unauthorized } from "./refusal.ts";
import { bodyOf } from "./request-body.ts";
import { anyErrorBody, refuse, respond } from "./respond.ts";
import { turnAway } from "./turn-away.ts";
import { modelsOf, type Upstream } from "./upstream.ts";
import type { Visit } from "./visit.ts";

export function openGateway(options: GatewayOptions): Gateway {
  const gateway = new LoopbackGateway(options);
  return { open: (account) => gateway.open(account), close: () => gateway.close() };
}

class LoopbackGateway {
  readonly #house: House;
  readonly #accounts = new Map<string, OpenAccount>();
  readonly #places = new Map<string, ProviderPlace>();
  #listening: Promise<{ readonly server: Server; readonly port: number }> | undefined;

  constructor(options: GatewayOptions) {
    const settings = settingsOf(options);
    const placeOf = (upstream: Upstream): ProviderPlace => this.#placeOf(upstream);
    this.#house = { settings, connections: openConnections(), placeOf };
  }

  async open(options: AccountOptions): Promise<Account> {
    this.#listening ??= listen((request, response) => this.#visit(request, response));
    const { port } = await this.#listening;
    const account = new OpenAccount(options, this.#house.settings.now());
    this.#accounts.set(account.id, account);
    return {
      urlFor: (name) => urlFor(account, name, port),
      token: account.token,
      report: () => account.report(),
      close: () => {
        this.#accounts.delete(account.id);
        return account.close();
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#accounts.values()].map((account) => account.close()));
    this.#accounts.clear();
    const { http, https } = this.#house.connections;
    http.destroy();
    https.destroy();
    const server = (await this.#listening)?.server;
    if (server === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    server.closeAllConnections();
    await promise;
  }

  #placeOf({ name, baseUrl, key = "", limits = {} }: Upstream): ProviderPlace {
    const id = JSON.stringify([name, baseUrl, key, limits]);
    const { now } = this.#house.settings;
    const place = this.#places.get(id) ?? new ProviderPlace(limits, now);
    this.#places.set(id, place);
    return place;
  }

  async #visit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = isLocalHost(request.headers.host, request.socket.localPort ?? 0)
      ? find(request, this.#accounts)
      : ({ kind: "refused", account: null, refusal: unauthorized() } as const);
    if (found.kind === "refused") return turnOut(response, found);
    const served = this.#serve(found, request, response);
    found.account.follow(served);
    await served;
  }

  async #serve(
    { account, upstreams, format, route }: Extract<Found, { kind: "route" }>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (route.kind === "models")
      return respond(response, 200, format.models(upstreams.flatMap(modelsOf)));
    const signal = AbortSignal.any([account.signal, goneSignal(response)]);
    const visit = { account, upstreams, format, request, response, signal };
    const { settings } = this.#house;
    const body = await bodyOf(request, { maxBytes: settings.maxRequestBytes, signal });
    if (body.kind !== "whole") {
      response.setHeader("connection", "close");
      const refusal = body.kind === "cut" ? ENDED : tooLarge(settings.maxRequestBytes);
      return turnAway({ ...visit, route }, refusal, {});
    }
    return route.kind === "count"
      ? count({ ...visit, route }, body.bytes, this.#house)
      : this.#generate({ ...visit, route }, body.bytes);
  }

  async #generate(visit: Visit, bytes: Buffer): Promise<void> {
    const preparation = prepare(visit, bytes, this.#house.settings);
    if (preparation.ok) return exchange(visit, preparation.prepared, this.#house);
    const { refusal, model } = preparation;
    turnAway(visit, refusal, model === null ? {} : { asked: { model } });
  }
}

function urlFor(account: OpenAccount, name: string, port: number): string {
  const upstream = account.upstream(name);
  if (upstream === undefined) throw new Error(`the account has no upstream ${name}`);
  const base = `http://127.0.0.1:${port}/${account.id}/${encodeURIComponent(name)}`;
  return upstream.provider.startsWith("openai") ? `${base}/v1` : base;
}

function turnOut(
  response: ServerResponse,
  { account, refusal }: { readonly account: OpenAccount | null; readonly refusal: Refusal },
): void {
  account?.refuse(refusal, null, null);
  response.setHeader("connection", "close");
  refuse(response, refusal, anyErrorBody(refusal));
}

/** Ends when the client goes before it has its answer. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

async function listen(
  visit: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    visit(request, response).catch(() => response.destroy());
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  // Whoever waits for an answer keeps the program up, the gateway does not.
  server.unref();
  server.on("connection", (socket) => socket.unref());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gateway has no port");
  return { server, port: address.port };
}
