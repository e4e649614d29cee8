import type { ChildProcess } from "node:child_process";
import type { GitPlace } from "./git.ts";
import { gitFailure, killedError, spawnGit } from "./git.ts";

type Waiter =
  | { readonly kind: "line"; readonly resolve: (line: string) => void; readonly reject: Reject }
  | {
      readonly kind: "bytes";
      readonly count: number;
      readonly resolve: (bytes: Buffer) => void;
      readonly reject: Reject;
    };
type Reject = (error: Error) => void;

const STDERR_LIMIT = 16_384;

/**
 * A git command that lives as long as its input stays open.
 *
 * Reads are answered in the order in which they were asked. When the process ends, every open and later
 * read rejects with what git wrote to stderr. It ends by itself when this process dies: its input closes.
 */
export class GitProcess {
  readonly exited: Promise<number>;
  readonly #child: ReturnType<typeof spawnGit>;
  readonly #args: readonly string[];
  readonly #waiters: Waiter[] = [];
  #chunks: Buffer[] = [];
  #buffered = 0;
  #stderr = "";
  #failure: Error | undefined;
  #wasCutOff = false;

  constructor(place: GitPlace, args: readonly string[]) {
    this.#args = args;
    this.#child = spawnGit(place, args);
    this.#child.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString("utf8")).slice(-STDERR_LIMIT);
    });
    this.#child.stdin.on("error", () => undefined);
    this.exited = endOf(this.#child).then((end) => this.#end(end));
  }

  /** What git has written to stderr so far (the last 16 KiB). */
  get stderr(): string {
    return this.#stderr;
  }

  get hasEnded(): boolean {
    return this.#failure !== undefined;
  }

  /** A signal ended it, or the system could not start it: that is no answer, and what was asked last may have been done. */
  get wasCutOff(): boolean {
    return this.#wasCutOff;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  write(data: string | Uint8Array): void {
    this.#child.stdin.write(data);
  }

  /** The next line without its newline. */
  readLine(): Promise<string> {
    return new Promise((resolve, reject) => this.#wait({ kind: "line", resolve, reject }));
  }

  readBytes(count: number): Promise<Buffer> {
    return new Promise((resolve, reject) => this.#wait({ kind: "bytes", count, resolve, reject }));
  }

  /** Closes the input and waits for the exit code. */
  async close(): Promise<number> {
    this.#child.stdin.end();
    return this.exited;
  }

  #wait(waiter: Waiter): void {
    this.#waiters.push(waiter);
    this.#serve();
    if (this.#failure !== undefined) this.#rejectAll(this.#failure);
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    this.#serve();
  }

  #serve(): void {
    for (let waiter = this.#waiters[0]; waiter !== undefined; waiter = this.#waiters[0]) {
      const length = waiter.kind === "bytes" ? waiter.count : this.#lineLength();
      if (length === undefined || length > this.#buffered) return;
      this.#waiters.shift();
      const bytes = this.#take(length);
      if (waiter.kind === "bytes") waiter.resolve(bytes);
      else waiter.resolve(bytes.subarray(0, -1).toString("utf8"));
    }
  }

  #lineLength(): number | undefined {
    let before = 0;
    for (const chunk of this.#chunks) {
      const at = chunk.indexOf("\n");
      if (at >= 0) return before + at + 1;
      before += chunk.length;
    }
    return undefined;
  }

  #take(length: number): Buffer {
    // Joined once per answer, not once per chunk: a large blob arrives in thousands of chunks.
    const [only] = this.#chunks;
    const all = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks);
    const rest = all.subarray(length);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#buffered = rest.length;
    return all.subarray(0, length);
  }

  #end({ code, killedBy, notBegun }: End): number {
    this.#wasCutOff = killedBy !== null || notBegun !== undefined;
    this.#failure =
      notBegun ??
      (killedBy === null
        ? gitFailure(this.#args, { code, stderr: this.#stderr })
        : killedError(this.#args, killedBy));
    this.#rejectAll(this.#failure);
    return code;
  }

  #rejectAll(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}

interface End {
  readonly code: number;
  readonly killedBy: string | null;
  /** Why it could not be started. */
  readonly notBegun?: Error;
}

const NOT_BEGUN = { code: 127, killedBy: null };

function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.on("error", (notBegun) => resolve({ ...NOT_BEGUN, notBegun }));
    child.on("close", (code, killedBy) => resolve({ code: code ?? 128, killedBy }));
  });
}
