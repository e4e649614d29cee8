/** What was spent, as text and as comma-separated values. */
import { aboutWords, amountWords } from "#runner/core/money/amount-words.ts";
import type { CapStanding } from "#runner/core/money/cap-standing.ts";
import type { CostKey, CostReport, CostRow } from "#runner/core/money/cost-report.ts";
import type { Currency } from "#runner/schema/types.gen.ts";
import { type Line, printLines, toned } from "./lines.ts";
import type { Look, Tone } from "./look.ts";
import { amount } from "./money.ts";
import { type Cell, type Table, tableLines } from "./table.ts";

interface CostsInput {
  readonly report: CostReport;
  readonly caps: readonly CapStanding[];
  readonly currency?: Currency;
}

type Money = (micros: number) => string;

export function renderCosts({ report, caps, currency }: CostsInput, look: Look): string {
  const { since, until, rows, total, reserved } = report;
  const money = moneyIn(currency);
  const code = currency?.code ?? "USD";
  const head: Line = [
    toned("strong", `${money(total.micros)} ${code}`),
    ` from ${since} to ${until}, ${total.requests} requests, ${total.tokens} tokens`,
  ];
  const held: Line[] =
    reserved.micros === 0
      ? []
      : [[toned("dim", `${money(reserved.micros)} ${code} more is granted to attempts at work`)]];
  const rate: Line[] =
    currency === undefined
      ? []
      : [[toned("dim", `1 USD = ${currency.perUsd} ${code} (fettle.yaml); caps are in USD`)]];
  const table: Line[] =
    rows.length === 0
      ? [[toned("dim", nothingWords(report.by))]]
      : [[""], ...tableLines(rowsTable(report, money), look)];
  const standing = caps.length === 0 ? [] : [[""], ...tableLines(capsTable(caps), look)];
  return printLines([head, ...held, ...rate, ...table, ...standing], look);
}

/** Why there is no table. */
function nothingWords(by: CostKey): string {
  return by === "model" ? "no model was asked in these days" : "nothing was spent in these days";
}

function moneyIn(currency: Currency | undefined): Money {
  const { perUsd = 1 } = currency ?? {};
  return (micros) => amount(Math.round(micros * perUsd));
}

const TITLES: Readonly<Record<CostKey, string>> = {
  project: "PROJECT",
  pipeline: "PIPELINE",
  agent: "AGENT",
  model: "MODEL",
  day: "DAY",
};

function rowsTable({ by, rows }: CostReport, money: Money): Table {
  const isOutcome = by === "project";
  return {
    columns: [
      { title: TITLES[by], shrinkTo: 12 },
      { title: "COST", align: "right" },
      { title: "REQUESTS", align: "right" },
      { title: "TOKENS", align: "right" },
      ...(isOutcome
        ? ([
            { title: "APPROVED", align: "right" },
            { title: "FILES", align: "right" },
            { title: "COST OF EACH", align: "right" },
          ] as const)
        : []),
    ],
    rows: rows.map((row) => [
      row.key,
      money(row.amount.micros),
      String(row.amount.requests),
      String(row.amount.tokens),
      ...(isOutcome ? outcomeCells(row, money) : []),
    ]),
  };
}

function outcomeCells({ accepted, perOutcome }: CostRow, money: Money): Cell[] {
  const each = perOutcome === null || perOutcome === undefined ? "-" : money(perOutcome);
  return [String(accepted?.approved ?? 0), String(accepted?.delivered ?? 0), each];
}

const TONES: Readonly<Record<CapStanding["level"], Tone>> = {
  fine: "plain",
  warn: "warn",
  soft: "warn",
  full: "bad",
};

const LEVELS: Readonly<Record<CapStanding["level"], string>> = {
  fine: "",
  warn: "nearly used up",
  soft: "spared: agents go down their ladders",
  full: "used up: nothing begins that needs it",
};

function capsTable(caps: readonly CapStanding[]): Table {
  return {
    columns: [
      { title: "CAP OF", shrinkTo: 16 },
      { title: "PER" },
      { title: "USED", align: "right" },
      { title: "GRANTED", align: "right" },
      { title: "OF", align: "right" },
      { title: "LIKELY AT ITS END", align: "right" },
      { title: "" },
    ],
    rows: caps.map((cap) => [
      cap.scope,
      cap.per,
      amountWords(cap.axis, cap.taken),
      cap.reserved === 0 ? "-" : amountWords(cap.axis, cap.reserved),
      amountWords(cap.axis, cap.limit),
      cap.projected === null ? "-" : aboutWords(cap.axis, cap.projected),
      toned(TONES[cap.level], LEVELS[cap.level]),
    ]),
  };
}

/** In whole micro-dollars, so that a spreadsheet sums what was booked. */
export function costsCsv({ by, rows }: CostReport): string {
  const head = [by, "micro_usd", "requests", "tokens", "ms", "approved", "delivered"];
  const lines = rows.map(({ key, amount: of, accepted }) => [
    key,
    of.micros,
    of.requests,
    of.tokens,
    of.ms,
    accepted?.approved ?? "",
    accepted?.delivered ?? "",
  ]);
  return [head, ...lines].map((cells) => `${cells.map(csvCell).join(",")}\n`).join("");
}

/** Quoted where it must be; what a spreadsheet would take for a formula is text. */
function csvCell(value: string | number): string {
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
