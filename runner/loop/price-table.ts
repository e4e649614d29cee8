/** The table of prices in force: the workspace's own where main has one, else that of the program. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "#runner/core/canonical-json.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import { prices as isPriceTable } from "#runner/schema/record-validators.gen.js";
import type { PriceTable } from "#runner/schema/types.gen.ts";

/** In the program's folder, and in a workspace that has its own. */
export const PRICES_PATH = "prices/models.json";

export interface PricesInForce {
  readonly table: PriceTable;
  /** Of the table's canonical JSON. */
  readonly digest: string;
  /** Whose it is. */
  readonly from: "workspace" | "program";
}

export type PricesRead =
  | { readonly ok: true; readonly prices: PricesInForce }
  | { readonly ok: false; readonly reason: string };

/** A file on main that cannot be used is no reason to use another: nothing is priced then. */
export async function pricesAt(
  reader: ObjectReader,
  commit: string,
  programFolder: string,
): Promise<PricesRead> {
  const own = await reader.readBlob(`${commit}:${PRICES_PATH}`);
  const text = own?.toString("utf8") ?? readFileSync(join(programFolder, PRICES_PATH), "utf8");
  const table = parsePrices(text);
  if (table === undefined) return { ok: false, reason: `${PRICES_PATH} on main is no valid table` };
  const from = own === undefined ? "program" : "workspace";
  return { ok: true, prices: { table, digest: digestOf(table), from } };
}

/** The prices of a table that was read already. */
export function pricesOf(table: PriceTable | undefined): PricesRead {
  if (table === undefined) return { ok: false, reason: "there is no valid table of prices" };
  return { ok: true, prices: { table, digest: digestOf(table), from: "workspace" } };
}

/** Tables that were read, by main's commit. */
export class PriceShelf {
  readonly #reader: ObjectReader;
  readonly #programFolder: string;
  #commit = "";
  #read: Promise<PricesRead> | null = null;

  constructor(reader: ObjectReader, programFolder: string) {
    this.#reader = reader;
    this.#programFolder = programFolder;
  }

  at(commit: string): Promise<PricesRead> {
    if (this.#read === null || this.#commit !== commit) {
      this.#commit = commit;
      this.#read = pricesAt(this.#reader, commit, this.#programFolder);
    }
    return this.#read;
  }
}

function parsePrices(text: string): PriceTable | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPriceTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
