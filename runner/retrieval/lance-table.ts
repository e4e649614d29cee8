/** Units as rows of a LanceDB table. */
import type { Connection, Table } from "@lancedb/lancedb";
import type { Schema } from "apache-arrow";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { LanceLibrary } from "./lance-library.ts";
import { type EmbeddedFile, embeddedKeys, isChange } from "./memory-index.ts";
import type { Selection } from "./question.ts";
import type { Member, Unit } from "./unit.ts";

/** A file of memory as it is indexed. */
export interface IndexedFile {
  readonly unit: Unit;
  readonly records: readonly StoredMemory[];
}

const TABLE = "units";

/** Told, not inferred: what LanceDB infers from values changes with the first row. */
function schemaOf({ Bool, Field, Int32, Schema: Columns, Utf8 }: LanceLibrary["arrow"]): Schema {
  const texts = ["path", "blob", "namespace", "body", "members", "records", "keys"];
  return new Columns([
    ...texts.map((name) => new Field(name, new Utf8(), false)),
    new Field("length", new Int32(), false),
    new Field("changes", new Bool(), false),
  ]);
}

/** Turning rows into Arrow blocks this thread. */
const ROWS_AT_ONCE = 5000;
const PATHS_AT_ONCE = 500;
const LONGEST_TERM = 4096;

/** The blob is none of them: no score is made of it. */
const UNIT_COLUMNS = ["path", "namespace", "body", "length", "members"];

/** Columns that a filter may name. */
type FilterColumn = "path" | "namespace";

export class LanceTable {
  readonly #lance: LanceLibrary;
  readonly #table: Table;

  private constructor(lance: LanceLibrary, table: Table) {
    this.#lance = lance;
    this.#table = table;
  }

  static async create(lance: LanceLibrary, folder: string): Promise<LanceTable> {
    const connection = await lance.lancedb.connect(folder);
    const schema = schemaOf(lance.arrow);
    return new LanceTable(lance, await connection.createEmptyTable(TABLE, schema));
  }

  static async open(lance: LanceLibrary, folder: string): Promise<LanceTable> {
    const connection: Connection = await lance.lancedb.connect(folder);
    return new LanceTable(lance, await connection.openTable(TABLE));
  }

  async add(files: readonly IndexedFile[]): Promise<void> {
    const { lancedb, arrow } = this.#lance;
    const schema = schemaOf(arrow);
    for (let from = 0; from < files.length; from += ROWS_AT_ONCE) {
      const rows = files.slice(from, from + ROWS_AT_ONCE).map(rowOf);
      await this.#table.add(lancedb.makeArrowTable(rows, { schema }));
    }
  }

  async remove(paths: readonly string[]): Promise<void> {
    for (const some of batches(paths)) await this.#table.delete(isOneOf("path", some));
  }

  /** After the first rows. A config counts once, so each index has its own. */
  async index(): Promise<void> {
    const { Index } = this.#lance.lancedb;
    // The terms are ours: stemmed, without stop words, letter case as it is. Longer terms than the default would be left out.
    const config = Index.fts({
      baseTokenizer: "whitespace",
      lowercase: false,
      stem: false,
      removeStopWords: false,
      asciiFolding: false,
      maxTokenLength: LONGEST_TERM,
      withPosition: false,
    });
    await this.#table.createIndex("body", { config, replace: true });
    await this.#table.createIndex("path", { config: Index.btree(), replace: true });
  }

  /**
   * Folds what was added into the indexes: until then it is searched row by row, and older versions pile up. Nobody else may use the
   * folder meanwhile. What was removed may still stand in a file of data: who must forget deletes the index.
   */
  async fold(): Promise<void> {
    await this.#table.optimize({ cleanupOlderThan: new Date(), deleteUnverified: true });
  }

  async units(
    { mode, terms }: Selection,
    { namespaces, most }: { readonly namespaces: readonly string[] | null; readonly most: number },
  ): Promise<readonly Unit[]> {
    const { MatchQuery, Operator } = this.#lance.lancedb;
    const operator = mode === "all" ? Operator.And : Operator.Or;
    const query = this.#table
      .query()
      .fullTextSearch(new MatchQuery(terms.join(" "), "body", { operator }))
      .select([...UNIT_COLUMNS, "_score"])
      .limit(Math.max(most, 1));
    const found = namespaces === null ? query : query.where(isOneOf("namespace", namespaces));
    return (await found.toArray()).map(unitOfRow);
  }

  /** Of these files, the units. */
  async unitsAt(paths: readonly string[]): Promise<readonly Unit[]> {
    const found = await Promise.all(batches(paths).map((some) => this.#at(some, UNIT_COLUMNS)));
    return found.flat().map(unitOfRow);
  }

  async recordsAt(paths: readonly string[]): Promise<readonly StoredMemory[]> {
    const found = await Promise.all(batches(paths).map((some) => this.#at(some, ["records"])));
    return found.flat().flatMap(recordsOfRow);
  }

  async changes(): Promise<readonly StoredMemory[]> {
    const rows = await this.#table.query().where("changes = true").select(["records"]).toArray();
    return rows.flatMap(recordsOfRow).filter(isChange);
  }

  /** Of every file, what is embedded of it. */
  async embedded(namespaces: readonly string[] | null): Promise<readonly EmbeddedFile[]> {
    const query = this.#table.query().select(["path", "keys"]);
    const found = namespaces === null ? query : query.where(isOneOf("namespace", namespaces));
    const rows = await found.toArray();
    return rows.map(({ path, keys }) => ({ path: String(path), keys: String(keys).split(" ") }));
  }

  /** Path to blob of every file. */
  async blobs(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#table.query().select(["path", "blob"]).toArray();
    return new Map(rows.map(({ path, blob }) => [String(path), String(blob)]));
  }

  close(): void {
    this.#table.close();
  }

  async #at(paths: readonly string[], columns: readonly string[]): Promise<Row[]> {
    return this.#table
      .query()
      .where(isOneOf("path", paths))
      .select([...columns])
      .toArray();
  }
}

type Row = Readonly<Record<string, unknown>>;

function rowOf({ unit, records }: IndexedFile): Row {
  const { members, ...columns } = unit;
  return {
    ...columns,
    blob: records[0]?.blob ?? "",
    members: JSON.stringify(members),
    records: JSON.stringify(records),
    keys: embeddedKeys(records).join(" "),
    changes: records.some(isChange),
  };
}

/** Most units are only looked at roughly, without their members. */
function unitOfRow(row: Row): Unit {
  const { path, namespace, body, length } = row;
  let members: readonly Member[] | null = null;
  return {
    path: String(path),
    namespace: String(namespace),
    body: String(body),
    length: Number(length),
    get members() {
      members ??= parsedMembers(String(row["members"]));
      return members;
    },
  };
}

function parsedMembers(json: string): readonly Member[] {
  return JSON.parse(json);
}

function recordsOfRow(row: Row): readonly StoredMemory[] {
  return JSON.parse(String(row["records"]));
}

/** Filters are SQL: the columns are those above, a quote in a value is doubled. */
function isOneOf(column: FilterColumn, values: readonly string[]): string {
  if (values.length === 0) return "false";
  const quoted = values.map((value) => `'${value.replaceAll("'", "''")}'`);
  return `${column} IN (${quoted.join(", ")})`;
}

function batches(paths: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(paths.length / PATHS_AT_ONCE) }, (_, at) =>
    paths.slice(at * PATHS_AT_ONCE, (at + 1) * PATHS_AT_ONCE),
  );
}
