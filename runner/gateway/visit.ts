/** One request that has found its account. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { OpenAccount } from "./account.ts";
import type { Upstream } from "./upstream.ts";
import type { CountRoute, GenerateRoute, ProviderFormat } from "./provider-format.ts";

export type AnyVisit = Visit<CountRoute | GenerateRoute>;

export interface Visit<Route extends CountRoute | GenerateRoute = GenerateRoute> {
  readonly account: OpenAccount;
  /** Those that may be meant; the model tells which. */
  readonly upstreams: readonly Upstream[];
  readonly format: ProviderFormat;
  readonly route: Route;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Ends when the client is gone, or the account. */
  readonly signal: AbortSignal;
}
