/** A server of tools as a child process: MCP messages, one a line, on standard input and output. */
import { type JSONRPCMessage, type MCPTransport, validateJSONRPCMessage } from "@ai-sdk/mcp";
import { type ProcessOptions, type Started, startProcess } from "./process-start.ts";

const LONGEST_LINE = 16 * 1024 * 1024;
const STDERR_TAIL = 4096;

/** Killed with all that it started when it is closed, and when it says more in one line than can be meant. */
export class ToolProcess implements MCPTransport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #options: ProcessOptions;
  #started: Started | null = null;
  #line = Buffer.alloc(0);
  #stderr = "";
  #isShort = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** It could not be started because this machine has no room for it now. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** The end of what it wrote to standard error. */
  get lastWords(): string {
    return this.#stderr.trim().split("\n").at(-1) ?? "";
  }

  async start(): Promise<void> {
    const started = await startProcess(this.#options);
    if (started.kind === "not-started") {
      this.#isShort = started.isShort;
      throw new Error(started.why);
    }
    this.#started = started;
    const { child } = started;
    child.stdin.on("error", () => {}); // its end is told below
    child.stdout.on("data", (chunk: Buffer) => this.#read(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_TAIL);
    });
    child.once("exit", () => void this.close());
  }

  send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#started?.child.stdin;
    if (stdin === undefined) return Promise.reject(new Error("it has ended"));
    stdin.write(`${JSON.stringify(message)}\n`);
    return Promise.resolve();
  }

  close(): Promise<void> {
    const started = this.#started;
    if (started === null) return Promise.resolve();
    this.#started = null;
    started.killTree();
    started.forget();
    const { stdin, stdout, stderr } = started.child;
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    this.onclose?.();
    return Promise.resolve();
  }

  #read(chunk: Buffer): void {
    this.#line = Buffer.concat([this.#line, chunk]);
    for (let end = this.#line.indexOf(10); end !== -1; end = this.#line.indexOf(10)) {
      const line = this.#line.subarray(0, end).toString();
      this.#line = this.#line.subarray(end + 1);
      this.#take(line);
    }
    if (this.#line.length > LONGEST_LINE) void this.close();
  }

  /** Servers print other things, too. */
  #take(line: string): void {
    let message: JSONRPCMessage;
    try {
      message = validateJSONRPCMessage(JSON.parse(line));
    } catch {
      return;
    }
    this.onmessage?.(message);
  }
}
