/** What a table of prices says of a model at an instant; all amounts as integers. */
import type {
  DatedPrice,
  ModelMatch,
  PricedModel,
  PricedProvider,
  PriceTable,
  Rates,
} from "#runner/schema/types.gen.ts";
import { addMs } from "#runner/core/time/instant.ts";

/** What one token costs, in millionths of a micro-USD (so is US dollars per million tokens × 10^6). */
export interface TokenRates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Written to a cache that lasts an hour. */
  readonly reasoning: number;
  /** The dearest of sound, pictures and film. */
  /** Of one request. */
  readonly request: number;
}

export interface TokenPrice {
  readonly rates: TokenRates;
  /** Rates of the whole request when more input than `tokens` is sent; fewest tokens first. */
  readonly above: readonly { readonly tokens: number; readonly rates: TokenRates }[];
}

/** Who is asked for what. */
export interface ModelPlace {
  /** As the table calls providers. */
  readonly provider: string;
  /** Name of the server, where it is not the provider's own. */
  readonly host?: string;
  readonly model: string;
}

export interface ListedPrice {
  /** `<provider>/<model>` as the table names it. */
  readonly name: string;
  readonly current: TokenPrice;
  /** All that may count for a request that starts now: `current`, and what comes into force within the hour. */
  readonly possible: readonly TokenPrice[];
}

const HOUR_MS = 3_600_000;
const LONGEST_MODEL = 200;
const PER_MILLION = 1_000_000;
const PER_THOUSAND = 1_000_000_000;

/** The price of a model; undefined when the table has none, or it is not priced by tokens. */
export function listedPrice(
  table: PriceTable,
  place: ModelPlace,
  at: string,
): ListedPrice | undefined {
  const provider = providerOf(table, place);
  if (provider === undefined || place.model.length > LONGEST_MODEL) return undefined;
  const found = findModel(table, provider, place.model);
  const current = found && priceAt(found.model, at);
  if (found === undefined || current === undefined) return undefined;
  const later = changesWithin(found.model.prices, at).flatMap(
    (instant) => priceAt(found.model, instant) ?? [],
  );
  return {
    name: `${found.provider.id}/${found.model.id}`,
    current: tokenPrice(current),
    possible: [...new Set([current, ...later])].map(tokenPrice),
  };
}

/** A server that the table knows says more than the wire protocol. */
function providerOf(
  { providers }: PriceTable,
  { provider, host }: ModelPlace,
): PricedProvider | undefined {
  const byHost = providers.find(({ hosts }) => hosts.some((name) => isBelow(host ?? "", name)));
  return byHost ?? providers.find(({ id }) => id === provider);
}

function isBelow(host: string, name: string): boolean {
  const lower = host.toLowerCase();
  return lower === name || lower.endsWith(`.${name}`);
}

interface FoundModel {
  readonly provider: PricedProvider;
  readonly model: PricedModel;
}

function findModel(
  { providers }: PriceTable,
  own: PricedProvider,
  id: string,
): FoundModel | undefined {
  const fallbacks = own.fallbacks.flatMap((name) => providers.find((one) => one.id === name) ?? []);
  for (const provider of [own, ...fallbacks]) {
    const model = provider.models.find(({ match }) => matches(match, id.toLowerCase()));
    if (model !== undefined) return { provider, model };
  }
  return undefined;
}

function matches(match: ModelMatch, id: string): boolean {
  if ("equals" in match) return id === match.equals.toLowerCase();
  if ("startsWith" in match) return id.startsWith(match.startsWith.toLowerCase());
  if ("endsWith" in match) return id.endsWith(match.endsWith.toLowerCase());
  if ("contains" in match) return id.includes(match.contains.toLowerCase());
  if ("shape" in match) return hasShape(id, match.shape.toLowerCase());
  if ("any" in match) return match.any.some((one) => matches(one, id));
  if ("none" in match) return !match.none.some((one) => matches(one, id));
  return match.all.length > 0 && match.all.every((one) => matches(one, id));
}

/** `#` stands for a digit, a last `*` for anything. */
function hasShape(id: string, shape: string): boolean {
  const isOpen = shape.endsWith("*");
  const wanted = isOpen ? shape.slice(0, -1) : shape;
  if (isOpen ? id.length < wanted.length : id.length !== wanted.length) return false;
  return Array.from(wanted).every((sign, at) =>
    sign === "#" ? /\d/.test(id.charAt(at)) : id[at] === sign,
  );
}

/** The last that holds, else the first. */
function priceAt({ prices }: PricedModel, at: string): DatedPrice | undefined {
  return prices.findLast((price) => holdsAt(price, at)) ?? prices[0];
}

function holdsAt({ from, hours }: DatedPrice, at: string): boolean {
  if (from !== undefined && at.slice(0, 10) < from) return false;
  if (hours === undefined) return true;
  const time = at.slice(11, 16);
  const isOverMidnight = hours.end < hours.start;
  return isOverMidnight
    ? time >= hours.start || time < hours.end
    : time >= hours.start && time < hours.end;
}

/** Instants of the coming hour at which another price comes into force. */
function changesWithin(prices: readonly DatedPrice[], at: string): readonly string[] {
  const end = addMs(at, HOUR_MS);
  const days = [at.slice(0, 10), end.slice(0, 10)];
  const times = prices.flatMap(({ hours }) =>
    hours === undefined ? ["00:00"] : [hours.start, hours.end],
  );
  const instants = days.flatMap((day) => times.map((time) => `${day}T${time}:00.000Z`));
  return instants.filter((instant) => instant > at && instant <= end);
}

export function tokenPrice({ rates, above }: Pick<DatedPrice, "rates" | "above">): TokenPrice {
  return {
    rates: tokenRates(rates),
    above: above
      .map((tier) => ({ tokens: tier.tokens, rates: tokenRates(tier.rates) }))
      .toSorted((a, b) => a.tokens - b.tokens),
  };
}

/** What has no price of its own costs what the whole costs: a cache costs as input, reasoning as output. */
function tokenRates(rates: Rates): TokenRates {
  const { input, output, cacheRead = input, cacheWrite = input } = rates;
  const { reasoning = output } = rates;
  return {
    input: scaled(input, PER_MILLION),
    output: scaled(output, PER_MILLION),
    cacheRead: scaled(cacheRead, PER_MILLION),
    cacheWrite: scaled(cacheWrite, PER_MILLION),
    reasoning: scaled(reasoning, PER_MILLION),
    request: scaled(rates.perThousandRequests ?? 0, PER_THOUSAND),
  };
}

/** Decimal digits are few; what is beyond them counts in full. */
function scaled(dollars: number, by: number): number {
  const exact = Math.round(dollars * by);
  return exact / by >= dollars * (1 - Number.EPSILON) ? exact : exact + 1;
}
