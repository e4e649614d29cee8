/** The language server that editors run for YAML, spoken to over stdio. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const SERVER = "node_modules/yaml-language-server/bin/yaml-language-server";
const HEADER = /^Content-Length: (\d+)\r\n(?:[^\r]+\r\n)*\r\n/;

/** Line and column count from 0, as the protocol has them. */
export interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

interface Completion {
  readonly label: string;
  readonly documentation?: unknown;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

/** One server process; it asks nothing of the network. */
export class YamlLanguageServer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #schemas: Readonly<Record<string, readonly string[]>>;
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #diagnostics = new Map<string, (found: readonly Diagnostic[]) => void>();
  #received = Buffer.alloc(0);
  #requests = 0;

  /** `schemas`: globs of files by the path of the schema that they must fit. */
  private constructor(schemas: Readonly<Record<string, readonly string[]>>) {
    this.#schemas = Object.fromEntries(
      Object.entries(schemas).map(([path, globs]) => [urlOf(path), globs]),
    );
    this.#process = spawn(process.execPath, [SERVER, "--stdio"]);
    this.#process.stdout.on("data", (chunk: Buffer) => {
      this.#receive(chunk);
    });
  }

  static async start(
    schemas: Readonly<Record<string, readonly string[]>>,
  ): Promise<YamlLanguageServer> {
    const server = new YamlLanguageServer(schemas);
    const root = urlOf(".");
    await server.#request("initialize", {
      processId: process.pid,
      rootUri: root,
      workspaceFolders: [{ uri: root, name: "workspace" }],
      capabilities: {
        workspace: { configuration: true },
        textDocument: { publishDiagnostics: {} },
      },
    });
    server.#send({ method: "initialized", params: {} });
    return server;
  }

  /** What the server says of a file with this text; the file need not exist. */
  diagnose(path: string, text: string): Promise<readonly Diagnostic[]> {
    const uri = urlOf(path);
    return new Promise((found) => {
      this.#diagnostics.set(uri, found);
      const document = { uri, languageId: "yaml", version: 1, text };
      this.#send({ method: "textDocument/didOpen", params: { textDocument: document } });
    });
  }

  async complete(
    path: string,
    position: Diagnostic["range"]["start"],
  ): Promise<readonly Completion[]> {
    const textDocument = { uri: urlOf(path) };
    const result = await this.#request("textDocument/completion", { textDocument, position });
    return isCompletions(result) ? result.items : [];
  }

  #request(method: string, params: unknown): Promise<unknown> {
    this.#requests += 1;
    const id = this.#requests;
    return new Promise((answer) => {
      this.#answers.set(id, answer);
      this.#send({ id, method, params });
    });
  }

  stop(): void {
    this.#process.kill();
  }

  #send(message: Message): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const header = HEADER.exec(this.#received.toString("latin1"));
      if (header === null) return;
      const end = header[0].length + Number(header[1]);
      if (this.#received.length < end) return;
      const message: Message = JSON.parse(
        this.#received.subarray(header[0].length, end).toString(),
      );
      this.#received = this.#received.subarray(end);
      this.#handle(message);
    }
  }

  #handle({ id, method, params, result }: Message): void {
    if (method === undefined) {
      if (id !== undefined) this.#answers.get(id)?.(result);
      return;
    }
    if (id !== undefined) {
      this.#send({
        id,
        result: method === "workspace/configuration" ? this.#settings(params) : null,
      });
    }
    if (method !== "textDocument/publishDiagnostics" || !isPublished(params)) return;
    this.#diagnostics.get(params.uri)?.(params.diagnostics);
  }

  #settings(params: unknown): readonly unknown[] {
    const yaml = {
      validate: true,
      completion: true,
      schemaStore: { enable: false },
      kubernetesCRDStore: { enable: false },
      schemas: this.#schemas,
    };
    const items = isAsked(params) ? params.items : [];
    return items.map(({ section }) => (section === "yaml" ? yaml : {}));
  }
}

function urlOf(path: string): string {
  return pathToFileURL(resolve(path)).href;
}

function isPublished(
  params: unknown,
): params is { readonly uri: string; readonly diagnostics: readonly Diagnostic[] } {
  return (
    typeof params === "object" && params !== null && "uri" in params && "diagnostics" in params
  );
}

function isAsked(
  params: unknown,
): params is { readonly items: readonly { readonly section?: string }[] } {
  return typeof params === "object" && params !== null && "items" in params;
}

function isCompletions(result: unknown): result is { readonly items: readonly Completion[] } {
  return typeof result === "object" && result !== null && "items" in result;
}
