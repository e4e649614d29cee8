import { describe, expect, test } from "vitest";
import { listedPrice } from "#runner/core/money/price-table.ts";
import { priceTableOf, priceTableText } from "#runner/core/money/price-source.ts";
import { prices as isPriceTable } from "#runner/schema/record-validators.gen.js";
import type { SourceModel, SourceProvider } from "#runner/schema/types.gen.ts";

const NOW = "2026-11-26T12:00:00.000Z";
const FLAT = { input_mtok: 1, output_mtok: 2 };

function source(...models: SourceModel[]): SourceProvider[] {
  return [{ id: "openai", models }];
}

function only(model: Partial<SourceModel>): ReturnType<typeof priceTableOf> {
  return priceTableOf(
    source({ id: "m", match: { equals: "m" }, prices: FLAT, ...model }),
    "2026-11-26",
  );
}

function isMeant(match: SourceModel["match"], model: string): boolean {
  return listedPrice(only({ match }), { provider: "openai", model }, NOW) !== undefined;
}

describe("what is charged", () => {
  test.each<[string, SourceModel["prices"], object]>([
    ["input and output", FLAT, { rates: { input: 1, output: 2 }, above: [] }],
    [
      "caches, reasoning and requests; never what nobody may ask for",
      {
        ...FLAT,
        cache_read_mtok: 0.1,
        cache_write_mtok: 1.25,
        cache_write_1h_mtok: 2,
        output_reasoning_mtok: 3,
        requests_kcount: 5,
        web_searches_kcount: 10,
      },
      {
        rates: {
          input: 1,
          output: 2,
          cacheRead: 0.1,
          cacheWrite: 1.25,
          reasoning: 3,
          perThousandRequests: 5,
        },
        above: [],
      },
    ],
    [
      "pictures as text, at the dearer of both; sound not at all, which is never sent",
      { ...FLAT, input_audio_mtok: 32, input_image_mtok: 5 },
      { rates: { input: 5, output: 2 }, above: [] },
    ],
    [
      "tiers, each with all its rates",
      {
        input_mtok: { base: 1, tiers: [{ start: 200, price: 3 }] },
        output_mtok: { base: 2, tiers: [{ start: 100, price: 4 }] },
        cache_read_mtok: 0.5,
      },
      {
        rates: { input: 1, output: 2, cacheRead: 0.5 },
        above: [
          { tokens: 100, rates: { input: 1, output: 4, cacheRead: 0.5 } },
          { tokens: 200, rates: { input: 3, output: 4, cacheRead: 0.5 } },
        ],
      },
    ],
  ])("%s", (_, prices, price) => {
    expect(only({ prices }).providers[0]?.models[0]?.prices).toEqual([price]);
  });

  test.each(["output_image_mtok", "output_audio_mtok", "output_video_mtok"])(
    "a model that makes what is dearer than text has no price: %s",
    (unit) => {
      expect(only({ prices: { ...FLAT, [unit]: 3 } }).providers[0]?.models[0]?.prices).toEqual([]);
      expect(only({ prices: { ...FLAT, [unit]: 2 } }).providers[0]?.models[0]?.prices).toHaveLength(
        1,
      );
    },
  );

  test.each<[string, SourceModel["prices"]]>([
    ["nothing", {}],
    ["input alone", { input_mtok: 1 }],
    ["a free offer", { input_mtok: 0, output_mtok: 0 }],
    ["output for nothing", { input_mtok: 1, output_mtok: 0 }],
    ["a tier for nothing", { ...FLAT, input_mtok: { base: 1, tiers: [{ start: 9, price: 0 }] } }],
    ["what is not counted here", { ...FLAT, output_citation_mtok: 2 }],
    ["a unit like a name that all objects have", { ...FLAT, constructor: 2 }],
    ["one of two prices that cannot be used", [{ prices: FLAT }, { prices: {} }]],
  ])("%s: it stands in the table without a price", (_, prices) => {
    expect(only({ prices }).providers[0]?.models).toEqual([
      { id: "m", match: { equals: "m" }, prices: [] },
    ]);
  });

  test("days and hours are kept", () => {
    const prices = [
      { prices: FLAT },
      { prices: FLAT, constraint: { type: "start_date", start_date: "2026-08-17" } },
      { prices: FLAT, constraint: { start_time: "16:30:00Z", end_time: "00:30:00Z" } },
    ];

    expect(only({ prices }).providers[0]?.models[0]?.prices).toMatchObject([
      {},
      { from: "2026-08-17" },
      { hours: { start: "16:30", end: "00:30" } },
    ]);
  });
});

describe("patterns are read, never run", () => {
  test.each<[string, string, boolean]>([
    [String.raw`^m-5\.6-\d{4}-\d{2}$`, "m-5.6-2026-11", true],
    [String.raw`^m-5\.6-\d{4}-\d{2}$`, "m-5x6-2026-11", false],
    [String.raw`^m-5\.6-\d{4}-\d{2}$`, "m-5.6-2026-11-1", false],
    [String.raw`^m-\d`, "m-1-preview", true],
    [String.raw`^(?!.*-[tT][tT][sS](?:$|-))`, "m-1", true],
    [String.raw`^(?!.*-[tT][tT][sS](?:$|-))`, "m-tts-1", false],
  ])("%s and %s: %s", (regex, model, meant) => {
    expect(isMeant({ regex }, model)).toBe(meant);
  });

  test("a pattern that cannot be read leaves all that begins like it without a price", () => {
    const table = priceTableOf(
      source(
        {
          id: "a",
          match: { or: [{ regex: String.raw`^m-(a+)+$` }, { equals: "x" }] },
          prices: FLAT,
        },
        { id: "b", match: { contains: "m" }, prices: FLAT },
      ),
      "2026-11-26",
    );
    const price = (model: string): unknown =>
      listedPrice(table, { provider: "openai", model }, NOW);

    expect([price("m-aaa"), price("x")]).toEqual([undefined, undefined]);
    expect(price("other-m")).toBeDefined();
  });
});

test("only providers that fettle knows are taken, in order", () => {
  const providers = ["openai", "elsewhere", "anthropic"].map((id) => ({ id, models: [] }));

  expect(priceTableOf(providers, "2026-11-26").providers.map(({ id }) => id)).toEqual([
    "anthropic",
    "openai",
  ]);
});

test("the file of a table is the table, a model a line", () => {
  const table = only({});
  const text = priceTableText(table);

  expect(JSON.parse(text)).toEqual(table);
  expect(isPriceTable(JSON.parse(text))).toBe(true);
  expect(text.split("\n").filter((line) => line.includes('"match"'))).toHaveLength(1);
});
