/** From the list of genai-prices to a table of prices: only what can be charged by tokens, in a form that is safe to read. */
import type {
  DatedPrice,
  ModelMatch,
  PricedModel,
  PriceTable,
  Rates,
  SourceConditionalPrices,
  SourceMatch,
  SourceModel,
  SourcePrices,
  SourceProvider,
} from "#runner/schema/types.gen.ts";
import { entryOf } from "#runner/core/entry.ts";

/** Providers that are taken, with the names of their servers. */
const PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  anthropic: ["api.anthropic.com"],
  azure: [
    "openai.azure.com",
    "azure-api.net",
    "cognitiveservices.azure.com",
    "services.ai.azure.com",
  ],
  cerebras: ["api.cerebras.ai"],
  cohere: ["api.cohere.ai", "api.cohere.com"],
  deepseek: ["api.deepseek.com"],
  fireworks: ["api.fireworks.ai"],
  google: ["googleapis.com"],
  groq: ["api.groq.com"],
  mistral: ["api.mistral.ai"],
  moonshotai: ["api.moonshot.ai", "api.moonshot.cn"],
  openai: ["api.openai.com"],
  openrouter: ["openrouter.ai"],
  perplexity: ["api.perplexity.ai"],
  together: ["api.together.xyz"],
  "x-ai": ["api.x.ai"],
};

/** Units of the source that are charged here. */
const UNITS: Readonly<Record<string, keyof Rates>> = {
  input_mtok: "input",
  output_mtok: "output",
  cache_read_mtok: "cacheRead",
  cache_write_mtok: "cacheWrite",
  output_reasoning_mtok: "reasoning",
  // Nobody counts pictures apart from text: all that is sent costs what the dearer of both does.
  input_image_mtok: "input",
  cache_image_read_mtok: "cacheRead",
  requests_kcount: "perThousandRequests",
};

/** Charged only for what the gateway lets nobody ask for: sound, films, long caches, searches, stores of files with the provider. */
const NOT_ASKED_FOR = [
  "storage_searches_kcount",
  "web_searches_kcount",
  "cache_write_1h_mtok",
  "input_audio_mtok",
  "input_video_mtok",
  "cache_audio_read_mtok",
];

/** Charged for what is made beside text, which nobody counts here. */
const OTHER_OUTPUT = ["output_image_mtok", "output_audio_mtok", "output_video_mtok"];

const NOT_SPEECH = "^(?!.*-[tT][tT][sS](?:$|-))";

/** A model whose match or units are not understood stays in the table without a price: nothing else may match in its place. */
export function priceTableOf(source: readonly SourceProvider[], takenAt: string): PriceTable {
  const providers = source
    .filter(({ id }) => Object.hasOwn(PROVIDERS, id))
    .map(({ id, models, fallback_model_providers: others = [] }) => ({
      id,
      hosts: [...(PROVIDERS[id] ?? [])],
      fallbacks: others.filter((other) => Object.hasOwn(PROVIDERS, other)),
      models: models.map(modelOf),
    }));
  return {
    format: 1,
    source: "genai-prices",
    takenAt,
    providers: providers.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

function modelOf({ id, match, prices }: SourceModel): PricedModel {
  const dated: readonly SourceConditionalPrices[] = Array.isArray(prices) ? prices : [{ prices }];
  const known = dated.map(datedPrice);
  const whole = known.filter((price) => price !== undefined);
  const isWhole = whole.length === known.length && patternsOf(match).every(isReadable);
  return { id, match: matchOf(match), prices: isWhole ? whole : [] };
}

function patternsOf({ regex, or = [], and = [] }: SourceMatch): readonly string[] {
  return [...(regex === undefined ? [] : [regex]), ...[...or, ...and].flatMap(patternsOf)];
}

function isReadable(regex: string): boolean {
  return regex === NOT_SPEECH || shapeOf(regex) !== undefined;
}

function matchOf(match: SourceMatch): ModelMatch {
  if (match.equals !== undefined) return { equals: match.equals };
  if (match.starts_with !== undefined) return { startsWith: match.starts_with };
  if (match.ends_with !== undefined) return { endsWith: match.ends_with };
  if (match.contains !== undefined) return { contains: match.contains };
  if (match.or !== undefined) return { any: match.or.map(matchOf) };
  if (match.and !== undefined) return { all: match.and.map(matchOf) };
  return patternOf(match.regex ?? "");
}

/** No pattern of the source is ever run. One that cannot be read stands for all that begins as it does. */
function patternOf(regex: string): ModelMatch {
  if (regex === NOT_SPEECH) return { none: [{ endsWith: "-tts" }, { contains: "-tts-" }] };
  const shape = shapeOf(regex);
  if (shape !== undefined) return { shape };
  const start = /^\^((?:[\w/:@-]|\\\.)*)/.exec(regex)?.[1] ?? "";
  return { shape: `${start.replaceAll("\\.", ".")}*` };
}

function shapeOf(regex: string): string | undefined {
  const [, body = "", end = ""] = /^\^(.*?)(\$?)$/.exec(regex) ?? [];
  const shape = body
    .replaceAll(/\\d(?:\{(\d{1,2})\})?/g, (_, count: string | undefined) =>
      "#".repeat(Number(count ?? 1)),
    )
    .replaceAll("\\.", "\0");
  if (!/^[\w#/\0:@-]+$/.test(shape)) return undefined;
  return `${shape.replaceAll("\0", ".")}${end === "" ? "*" : ""}`;
}

function datedPrice({ prices, constraint }: SourceConditionalPrices): DatedPrice | undefined {
  const starts = Object.values(prices).flatMap((price) =>
    typeof price === "number" ? [] : price.tiers.map(({ start }) => start),
  );
  const rates = ratesAt(prices, 0);
  const tiers = [...new Set(starts)]
    .toSorted((a, b) => a - b)
    .map((tokens) => ({ tokens, rates: ratesAt(prices, tokens + 1) }));
  const above = tiers.flatMap((tier) =>
    tier.rates === undefined ? [] : [{ tokens: tier.tokens, rates: tier.rates }],
  );
  if (rates === undefined || above.length < tiers.length) return undefined;
  const { start_date: from, start_time: start, end_time: end } = constraint ?? {};
  return {
    ...(from !== undefined && { from }),
    ...(start !== undefined &&
      end !== undefined && { hours: { start: start.slice(0, 5), end: end.slice(0, 5) } }),
    rates,
    above,
  };
}

/** undefined where something is charged that cannot be counted, or nothing is charged: free offers end without a word. */
function ratesAt(prices: SourcePrices, input: number): Rates | undefined {
  const found: Partial<Record<keyof Rates, number>> = {};
  const charged = Object.entries(prices).filter(([unit]) => !NOT_ASKED_FOR.includes(unit));
  const made = charged.filter(([unit]) => OTHER_OUTPUT.includes(unit));
  for (const [unit, price] of charged.filter((one) => !made.includes(one))) {
    const rate = entryOf(UNITS, unit);
    if (rate === undefined) return undefined;
    found[rate] = Math.max(found[rate] ?? 0, tierAt(price, input));
  }
  const { input: sent = 0, output = 0 } = found;
  const isDearer = made.some(([, price]) => tierAt(price, input) > output);
  return sent === 0 || output === 0 || isDearer ? undefined : { ...found, input: sent, output };
}

function tierAt(price: SourcePrices[string], input: number): number {
  if (typeof price === "number") return price;
  const { base, tiers } = price;
  const reached = tiers.filter(({ start }) => input > start);
  return reached.toSorted((a, b) => a.start - b.start).at(-1)?.price ?? base;
}

/** The file of a table: one model a line, so that a change of price is a change of one line. */
export function priceTableText({ providers, ...head }: PriceTable): string {
  const blocks = providers.map(({ models, ...provider }) => {
    const lines = models.map((model) => `      ${JSON.stringify(model)}`).join(",\n");
    const about = JSON.stringify(provider).slice(0, -1);
    return `    ${about},"models":[\n${lines}\n    ]}`;
  });
  return `${JSON.stringify(head).slice(0, -1)},"providers":[\n${blocks.join(",\n")}\n]}\n`;
}
