import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { listedPrice } from "#runner/core/money/price-table.ts";
import { prices as isPriceTable } from "#runner/schema/record-validators.gen.js";
import type { DatedPrice, ModelMatch, PriceTable } from "#runner/schema/types.gen.ts";

const NOW = "2026-11-26T12:00:00.000Z";

function tableOf(match: ModelMatch, prices: DatedPrice[]): PriceTable {
  return {
    format: 1,
    source: "test",
    takenAt: "2026-11-26",
    providers: [
      {
        id: "acme",
        hosts: ["acme.example"],
        fallbacks: ["other"],
        models: [{ id: "m", match, prices }],
      },
      {
        id: "other",
        hosts: [],
        fallbacks: [],
        models: [{ id: "late", match: { contains: "late" }, prices: [flat(7)] }],
      },
    ],
  };
}

function flat(input: number): DatedPrice {
  return { rates: { input, output: 2 * input }, above: [] };
}

function inputAt(prices: DatedPrice[], at: string): number | undefined {
  const found = listedPrice(tableOf({ equals: "m" }, prices), { provider: "acme", model: "m" }, at);
  return found && found.current.rates.input / 1_000_000;
}

describe("which model is meant", () => {
  test.each<[ModelMatch, string, boolean]>([
    [{ equals: "big-1" }, "BIG-1", true],
    [{ equals: "big-1" }, "big-1x", false],
    [{ startsWith: "big" }, "big-2", true],
    [{ startsWith: "big" }, "a-big-2", false],
    [{ endsWith: "-mini" }, "big-mini", true],
    [{ endsWith: "-mini" }, "big-mini-2", false],
    [{ contains: "ig-m" }, "big-mini", true],
    [{ shape: "big-####" }, "big-2026", true],
    [{ shape: "big-####" }, "big-20261", false],
    [{ shape: "big-####" }, "big-x026", false],
    [{ shape: "big-#*" }, "big-1-preview", true],
    [{ shape: "big-#*" }, "big-", false],
    [{ any: [{ equals: "a" }, { equals: "b" }] }, "b", true],
    [{ any: [] }, "b", false],
    [{ all: [{ startsWith: "a" }, { none: [{ endsWith: "-tts" }] }] }, "a-1", true],
    [{ all: [{ startsWith: "a" }, { none: [{ endsWith: "-tts" }] }] }, "a-tts", false],
    [{ all: [] }, "a", false],
  ])("%j and the id %s: %s", (match, model, isMeant) => {
    const found = listedPrice(tableOf(match, [flat(1)]), { provider: "acme", model }, NOW);

    expect(found !== undefined).toBe(isMeant);
  });

  test("a server that the table knows counts more than the wire protocol", () => {
    const table = tableOf({ equals: "m" }, [flat(1)]);
    const at = (host: string): string | undefined =>
      listedPrice(table, { provider: "openai-compatible", host, model: "m" }, NOW)?.name;

    expect(at("acme.example")).toBe("acme/m");
    expect(at("eu.ACME.example")).toBe("acme/m");
    expect(at("notacme.example")).toBeUndefined();
    expect(at("acme.example.evil.test")).toBeUndefined();
  });

  test("what a provider serves for another has the other's price", () => {
    const place = { provider: "acme", model: "late-1" };

    expect(listedPrice(tableOf({ equals: "m" }, []), place, NOW)?.name).toBe("other/late");
  });

  test("a model that stands without a price has none, and no other stands in for it", () => {
    const table = tableOf({ contains: "late" }, []);

    expect(listedPrice(table, { provider: "acme", model: "late-1" }, NOW)).toBeUndefined();
  });
});

describe("the price of an instant", () => {
  const dated: DatedPrice[] = [flat(1), { ...flat(2), from: "2026-11-26" }];
  const daily: DatedPrice[] = [flat(1), { ...flat(2), hours: { start: "08:00", end: "16:00" } }];
  const nightly: DatedPrice[] = [flat(1), { ...flat(2), hours: { start: "16:30", end: "00:30" } }];

  test.each<[string, DatedPrice[], string, number]>([
    ["the day before a new price", dated, "2026-11-25T23:59:59.999Z", 1],
    ["its first instant", dated, "2026-11-26T00:00:00.000Z", 2],
    ["before the hours", daily, "2026-11-26T07:59:59.999Z", 1],
    ["within them", daily, "2026-11-26T08:00:00.000Z", 2],
    ["their end", daily, "2026-11-26T16:00:00.000Z", 1],
    ["hours over midnight, in the evening", nightly, "2026-11-26T23:00:00.000Z", 2],
    ["hours over midnight, after it", nightly, "2026-11-26T00:29:00.000Z", 2],
    ["hours over midnight, at noon", nightly, "2026-11-26T12:00:00.000Z", 1],
    ["only a price to come: it counts already", [{ ...flat(3), from: "2027-01-01" }], NOW, 3],
  ])("%s", (_, prices, at, input) => {
    expect(inputAt(prices, at)).toBe(input);
  });

  test.each<[string, DatedPrice[], string, number[]]>([
    ["nothing changes within the hour", dated, NOW, [2]],
    ["a new price comes within the hour", dated, "2026-11-25T23:30:00.000Z", [1, 2]],
    ["hours begin within the hour", daily, "2026-11-26T07:10:00.000Z", [1, 2]],
    ["hours end within the hour", daily, "2026-11-26T15:10:00.000Z", [2, 1]],
    ["hours begin later", daily, "2026-11-26T06:59:00.000Z", [1]],
  ])("%s: a request may cost %s", (_, prices, at, inputs) => {
    const table = tableOf({ equals: "m" }, prices);
    const found = listedPrice(table, { provider: "acme", model: "m" }, at);

    expect(found?.possible.map(({ rates }) => rates.input / 1_000_000)).toEqual(inputs);
  });
});

describe("the table that comes with the program", () => {
  const table: unknown = JSON.parse(readFileSync("prices/models.json", "utf8"));
  if (!isPriceTable(table)) throw new Error("prices/models.json is not valid");

  test.each([
    ["anthropic", "claude-sonnet-4-5-20250929", 3, 15],
    ["openai", "gpt-4o-mini", 0.15, 0.6],
    ["google", "gemini-2.5-flash", 0.3, 2.5],
    ["google", "gemini-2.5-pro", 1.25, 10],
    ["google", "gemini-2.5-pro-tts", 1, 20],
  ])("%s %s costs %d and %d US dollars per million tokens", (provider, model, input, output) => {
    const rates = listedPrice(table, { provider, model }, NOW)?.current.rates;

    expect([rates?.input, rates?.output]).toEqual([input * 1_000_000, output * 1_000_000]);
  });

  test("a host finds the list of a service that speaks another's protocol", () => {
    const place = { provider: "openai-compatible", host: "openrouter.ai", model: "openai/gpt-4o" };

    expect(listedPrice(table, place, NOW)?.name).toBe("openrouter/openai/gpt-4o");
  });

  test("embeddings, speech by the hour and free offers have no price", () => {
    const names = ["text-embedding-3-small", "whisper-1", "moderation"];
    const found = names.map((model) => listedPrice(table, { provider: "openai", model }, NOW));

    expect(found).toEqual([undefined, undefined, undefined]);
  });

  test("every price is above zero", () => {
    const rates = table.providers
      .flatMap(({ models }) => models)
      .flatMap(({ prices }) => prices)
      .flatMap((price) => [price.rates, ...price.above.map((tier) => tier.rates)]);

    expect(rates.length).toBeGreaterThan(800);
    expect(rates.filter(({ input, output }) => !(input > 0 && output > 0))).toEqual([]);
  });
});
