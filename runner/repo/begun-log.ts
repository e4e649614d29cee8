/**
 * What this clone has begun and not brought to an end: the only trace of work that ends its own runner, by taking all
 * memory, say. Not synced, for a killed process loses nothing that it has written.
 */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Repository } from "./repository.ts";

/** Work that was ended elsewhere is never told here. */
const MOST_KEPT = 200;

export class BegunLog {
  readonly #path: string;
  readonly #begun: Map<string, number>;
  #file: number | null = null;

  constructor({ fettleDir }: Pick<Repository, "fettleDir">) {
    this.#path = join(fettleDir, "begun.log");
    this.#begun = counted(textOf(this.#path));
  }

  /** How often it was begun since it last came to an end. */
  times(key: string): number {
    return this.#begun.get(key) ?? 0;
  }

  begin(key: string): void {
    this.#begun.set(key, this.times(key) + 1);
    this.#write(`+${key}\n`);
  }

  end(key: string): void {
    this.#begun.delete(key);
    this.#write(`-${key}\n`);
  }

  /** All that this process has begun has ended. */
  close(): void {
    if (this.#file === null) return;
    closeSync(this.#file);
    this.#file = null;
    const left = [...this.#begun].slice(-MOST_KEPT);
    if (left.length === 0) return rmSync(this.#path, { force: true });
    writeFileSync(this.#path, left.map(([key, times]) => `+${key}\n`.repeat(times)).join(""));
  }

  #write(line: string): void {
    this.#file ??= openSync(this.#path, "a");
    writeSync(this.#file, line);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // nothing was begun
  }
}

/** The last line may be cut off: it names nothing then. */
function counted(text: string): Map<string, number> {
  const begun = new Map<string, number>();
  for (const line of text.split("\n").slice(0, -1)) {
    const key = line.slice(1);
    if (line.startsWith("+")) begun.set(key, (begun.get(key) ?? 0) + 1);
    else begun.delete(key);
  }
  return begun;
}
