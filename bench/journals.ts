/** Peers that keep the same records durably: a table of SQLite, and lines of JSON synced one by one. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { stepFiles } from "./records.ts";

export interface Journal {
  /** Durable when it returns. */
  readonly write: (index: number) => void;
  readonly close: () => void;
}

export function sqliteJournal(folder: string): Journal {
  const database = new DatabaseSync(join(folder, "peer.sqlite"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE files (path TEXT, step INTEGER, text TEXT)");
  const insert = database.prepare("INSERT INTO files VALUES (?, ?, ?)");
  return {
    write: (index) => {
      database.exec("BEGIN");
      for (const [path, text] of stepFiles(index)) insert.run(path, index, text);
      database.exec("COMMIT");
    },
    close: () => database.close(),
  };
}

export function linesJournal(folder: string): Journal {
  const file = openSync(join(folder, "peer.jsonl"), "a");
  return {
    write: (index) => {
      writeSync(file, `${JSON.stringify([...stepFiles(index)])}\n`);
      fdatasyncSync(file);
    },
    close: () => closeSync(file),
  };
}
