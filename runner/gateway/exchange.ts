/** The life of one request: reserve, wait for a place, then `converse`. */
import { admit } from "./admit.ts";
import type { Granted } from "./bill.ts";
import { converse } from "./converse.ts";
import type { Connections } from "./forward.ts";
import type { Settings } from "./options.ts";
import type { Prepared } from "./prepare.ts";
import type { ProviderPlace } from "./provider-place.ts";
import { ENDED, rateLimited } from "./refusal.ts";
import { turnAway } from "./turn-away.ts";
import type { Upstream } from "./upstream.ts";
import type { Visit } from "./visit.ts";

/** What all accounts share. */
export interface House {
  readonly settings: Settings;
  readonly connections: Connections;
  readonly placeOf: (upstream: Upstream) => ProviderPlace;
}

/** A request that has its money. */
export interface Stay {
  readonly visit: Visit;
  readonly prepared: Prepared;
  readonly granted: Granted;
  readonly house: House;
  readonly place: ProviderPlace;
  readonly startedMs: number;
}

export async function exchange(visit: Visit, prepared: Prepared, house: House): Promise<void> {
  const { account, signal } = visit;
  const { settings } = house;
  const startedMs = settings.now();
  const admission = await admit(account, prepared, { settings, signal });
  if (admission.kind === "withdrawn") return turnAway(visit, ENDED, prepared);
  if (admission.kind === "refused") return turnAway(visit, admission.refusal, prepared);
  const place = house.placeOf(prepared.upstream);
  const { granted } = admission;
  await stayAt({ visit, prepared, granted, house, place, startedMs });
}

async function stayAt(stay: Stay): Promise<void> {
  const { visit, prepared, granted, place } = stay;
  const entry = await place.enter(visit.signal);
  switch (entry.kind) {
    case "entered":
      try {
        return await converse(stay);
      } finally {
        entry.leave();
      }
    case "rate-limited":
      visit.account.takeBack(granted.id);
      return turnAway(visit, rateLimited(prepared.upstream.name, entry.retryAfterMs), prepared);
    case "withdrawn":
      visit.account.takeBack(granted.id);
      return turnAway(visit, ENDED, prepared);
  }
}
