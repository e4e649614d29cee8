/** `fettle costs prices`: what models cost by the table in force, and a newer table as a proposal. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { digestOf } from "#runner/core/canonical-json.ts";
import { changedLines, type PriceLine, priceLines } from "#runner/core/money/price-line.ts";
import { priceTableOf, priceTableText } from "#runner/core/money/price-source.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { PRICES_PATH, pricesAt, type PricesInForce } from "#runner/loop/price-table.ts";
import { writeWhole } from "#runner/repo/broken-world.ts";
import { printLines } from "#runner/report/lines.ts";
import { tableLines } from "#runner/report/table.ts";
import { priceSource, prices as isPriceTable } from "#runner/schema/record-validators.gen.js";
import type { PriceTable } from "#runner/schema/types.gen.ts";
import { reading, sight, type Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

/** Of the project that keeps the list. */
const LIST_URL =
  "https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data.json";
const FETCH_MS = 30_000;
const LARGEST = 20 * 1024 * 1024;

export function costsPricesVerb(
  context: VerbContext,
  { update }: { readonly update: boolean },
): Promise<Answer> {
  return reading(context, async (engine) => {
    const sighted = await sight(context, engine);
    if (!sighted.ok) return sighted.refusal;
    const seen = sighted.sight;
    const { commit } = seen.workspace;
    const read = await pricesAt(engine.store.reader, commit, context.programFolder);
    if (update) return updated(context, engine, { seen, before: read.ok ? read.prices : null });
    if (!read.ok) return refused("invalid", read.reason, "fettle costs prices --update");
    return shown(context, seen, read.prices);
  });
}

function shown(context: VerbContext, { workspace }: Sight, prices: PricesInForce): Answer {
  const { table, digest, from } = prices;
  const lines = priceLines(workspace.settings, table, context.clock());
  const whose = from === "program" ? "comes with fettle" : `${PRICES_PATH} on main`;
  const head = `prices of ${table.takenAt} (${table.source}; ${whose})\n${digest}\n\n`;
  const text = head + printLines(tableOf(lines, context), context.look);
  return { exit: "ok", text, json: { takenAt: table.takenAt, digest, from, models: lines } };
}

function tableOf(
  lines: readonly PriceLine[],
  { look }: VerbContext,
): ReturnType<typeof tableLines> {
  const rows = lines.map(({ name, model, from, input, output }) => [
    name,
    model,
    dollars(input),
    dollars(output),
    from ?? "not known: no request is sent",
  ]);
  const columns = [
    { title: "MODEL" },
    { title: "ID", shrinkTo: 12 },
    { title: "INPUT", align: "right" as const },
    { title: "OUTPUT", align: "right" as const },
    { title: "FROM (USD per million tokens)" },
  ];
  return tableLines({ columns, rows }, look);
}

function dollars(amount: number | null): string {
  return amount === null ? "?" : String(amount);
}

async function updated(
  context: VerbContext,
  { repository }: Engine,
  { seen, before }: { readonly seen: Sight; readonly before: PricesInForce | null },
): Promise<Answer> {
  if (repository.topLevel === undefined)
    return refused("usage", "there is no work tree to write to", "run it in a clone with files");
  const url = context.environment["FETTLE_PRICES_URL"] ?? LIST_URL;
  const fetched = await fetchTable(url, { at: context.clock(), signal: context.signal });
  if (!fetched.ok) return fetched.refusal;
  const { table } = fetched;
  const at = context.clock();
  const { settings } = seen.workspace;
  const now = before === null ? [] : priceLines(settings, before.table, at);
  const changes = changedLines(now, priceLines(settings, table, at));
  const digest = digestOf(table);
  const path = join(repository.topLevel, PRICES_PATH);
  mkdirSync(dirname(path), { recursive: true });
  writeWhole(path, priceTableText(table));
  const lines = changes.map(
    ({ before: was, after }) =>
      `  ${was.name} (${was.model}): input ${dollars(was.input)} -> ${dollars(after.input)}, output ${dollars(was.output)} -> ${dollars(after.output)}\n`,
  );
  const told =
    lines.length === 0 ? "  no model of fettle.yaml changes its price\n" : lines.join("");
  const next = `  git add ${PRICES_PATH} && git commit   brings it into force\n`;
  const text = `${PRICES_PATH} is written, not committed\n${told}${next}`;
  return { exit: "ok", text, json: { path: PRICES_PATH, digest, changes } };
}

type Fetched =
  | { readonly ok: true; readonly table: PriceTable }
  | { readonly ok: false; readonly refusal: Answer };

async function fetchTable(
  url: string,
  { at, signal }: { readonly at: string; readonly signal: AbortSignal },
): Promise<Fetched> {
  const got = await fetchText(url, signal);
  if (!got.ok) return notFetched("temporary", `the list of prices was not fetched: ${got.reason}`);
  const source = parsed(got.text);
  if (!priceSource(source)) {
    const [error] = priceSource.errors ?? [];
    const where = error === null || error === undefined ? "" : ` at ${error.instancePath || "/"}`;
    return notFetched("refused", `the list of prices is not as it should be${where}`);
  }
  const table = priceTableOf(source, at.slice(0, 10));
  const isWhole = table.providers.some(({ models }) =>
    models.some(({ prices }) => prices.length > 0),
  );
  if (!isWhole || !isPriceTable(table))
    return notFetched("refused", "the list of prices has none that can be used");
  return { ok: true, table };
}

function notFetched(exit: "temporary" | "refused", message: string): Fetched {
  return {
    ok: false,
    refusal: refused(exit, message, "nothing was written; the prices in force stay"),
  };
}

async function fetchText(
  url: string,
  signal: AbortSignal,
): Promise<
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }
> {
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]);
    const response = await fetch(url, { signal: until, redirect: "error" });
    if (!response.ok) return { ok: false, reason: `HTTP ${response.status}` };
    const text = await response.text();
    return text.length > LARGEST ? { ok: false, reason: "it is too large" } : { ok: true, text };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { ok: false, reason: cause instanceof Error ? cause.message : String(cause) };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
