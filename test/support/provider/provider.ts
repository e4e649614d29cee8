/** A provider of models on the loopback that speaks the formats of the real ones and keeps what it was asked. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { text } from "node:stream/consumers";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { ANTHROPIC_FORMAT } from "./anthropic-format.ts";
import { CHAT_FORMAT } from "./chat-format.ts";
import type { Answer, Asked, Format } from "./format.ts";
import { saidThroughTool } from "./forced-tool.ts";
import { GEMINI_FORMAT } from "./gemini-format.ts";
import { RESPONSES_FORMAT } from "./responses-format.ts";
import { says, type Scene } from "./scene.ts";

const FORMATS: readonly Format[] = [ANTHROPIC_FORMAT, CHAT_FORMAT, RESPONSES_FORMAT, GEMINI_FORMAT];

export interface Provider {
  /** Without `/v1`. */
  readonly url: string;
  /** Everything that came, oldest first. */
  readonly asked: readonly Asked[];
  /** Answers the next requests one by one; the last of the scenes stays. */
  readonly play: (...scenes: readonly Scene[]) => void;
  /** Answers of now on wait until this is called. */
  readonly hold: () => () => void;
  /** Resolves when so many requests have come. */
  readonly reached: (count: number) => Promise<void>;
  /** Resolves when so many clients have gone before they had their answer. */
  readonly left: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface ProviderOptions {
  /** Others get 401. */
  readonly key?: string;
  /** Others get 404. */
  readonly models?: readonly string[];
}

export async function serveProvider(options: ProviderOptions = {}): Promise<Provider> {
  const stage = new Stage(options);
  const server = createServer((request, response) => void stage.answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked: stage.asked,
    play: (...scenes) => stage.play(scenes),
    hold: () => stage.hold(),
    reached: (count) => stage.until(() => stage.asked.length >= count),
    left: (count) => stage.until(() => stage.gone >= count),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

class Stage {
  readonly asked: Asked[] = [];
  gone = 0;
  readonly #options: ProviderOptions;
  readonly #watchers = new Set<() => void>();
  #scenes: readonly Scene[] = [says("hello")];
  #held: Promise<void> = Promise.resolve();

  constructor(options: ProviderOptions) {
    this.#options = options;
  }

  play(scenes: readonly Scene[]): void {
    this.#scenes = scenes;
  }

  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return resolve;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await promise;
    }
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await askedOf(request);
    const { models = ["m"] } = this.#options;
    if (asked.path === "/v1/models") {
      return json(response, 200, { object: "list", data: models.map((id) => ({ id })) });
    }
    this.asked.push(asked);
    this.#tell();
    response.once("close", () => {
      if (!response.writableFinished) this.gone += 1;
      this.#tell();
    });
    const [scene = says("")] = this.#scenes;
    if (this.#scenes.length > 1) this.#scenes = this.#scenes.slice(1);
    await this.#held;
    const isCount = /(?:count_tokens|:countTokens)$/u.test(asked.path);
    if (isCount) return json(response, 200, { input_tokens: 42, totalTokens: 42 });
    const format = FORMATS.find(({ isAt }) => isAt(asked.path.split("?", 1)[0] ?? ""));
    if (format === undefined) return json(response, 404, { error: { message: "no such path" } });
    const model = format.modelOf(asked);
    const refusal = this.#refusal(asked, model);
    perform({ format, asked, model, response }, refusal ?? scene);
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #refusal({ headers }: Asked, model: string): Scene | undefined {
    const { key, models } = this.#options;
    const given = headers["x-api-key"] ?? headers["x-goog-api-key"] ?? headers["authorization"];
    if (key !== undefined && given?.replace("Bearer ", "") !== key) {
      return { kind: "error", status: 401, message: `invalid key ${given}` };
    }
    const isKnown = models === undefined || models.includes(model);
    return isKnown ? undefined : { kind: "error", status: 404, message: `no model ${model}` };
  }
}

interface Turn {
  readonly format: Format;
  readonly asked: Asked;
  readonly model: string;
  readonly response: ServerResponse;
}

function perform(turn: Turn, scene: Scene): void {
  const { format, response } = turn;
  switch (scene.kind) {
    case "answer":
      return answer(turn, scene);
    case "error": {
      const { status, message, retryDelay, headers } = scene;
      return json(response, status, format.error(status, message, retryDelay), headers);
    }
    case "hang":
    case "crash": {
      const end = (): void => void (scene.kind === "crash" && response.destroy());
      if (scene.after === "nothing") return end();
      const usage = scene.kind === "crash" ? scene.usage : undefined;
      const [bytes, type] = bytesOf(turn, says("half of it", usage && { usage }));
      response.writeHead(200, { "content-type": type });
      if (scene.after === "headers") return response.flushHeaders();
      response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), end);
    }
  }
}

const PACKINGS = {
  gzip: (bytes: Buffer): Buffer => gzipSync(bytes),
  br: (bytes: Buffer): Buffer => brotliCompressSync(bytes),
  secret: (bytes: Buffer): Buffer => Buffer.from(bytes.toString("base64")),
};

function answer(turn: Turn, scene: Answer): void {
  const [plain, type] = bytesOf(turn, within(turn.asked, saidThroughTool(turn.asked, scene)));
  const { packing } = scene;
  const bytes = packing === undefined ? plain : PACKINGS[packing](plain);
  turn.response.writeHead(200, {
    "content-type": type,
    "set-cookie": "session=secret",
    ...(packing !== undefined && { "content-encoding": packing }),
  });
  turn.response.end(bytes);
}

/** Counts no more than the request allows. */
function within({ text: said }: Asked, scene: Answer): Answer {
  const { usage, isBoundless = false } = scene;
  const name = /"(?:max_tokens|max_completion_tokens|max_output_tokens|maxOutputTokens)":(\d+)/u;
  const limit = Number(name.exec(said)?.[1] ?? Infinity);
  if (usage === null || isBoundless) return scene;
  return { ...scene, usage: { ...usage, outText: Math.min(usage.outText, limit) } };
}

function bytesOf({ format, asked, model }: Turn, scene: Answer): readonly [Buffer, string] {
  const named = scene.model ?? model;
  const isStream = format.isStream(asked);
  const said = isStream
    ? format.events(scene, asked, named).join("")
    : JSON.stringify(format.answer(scene, named));
  const bytes = Buffer.from(said);
  // Stands for whatever a broken server sends in place of a letter.
  if (scene.isGarbled === true)
    bytes[bytes.indexOf(JSON.stringify(scene.text).slice(1, -1))] = 0xff;
  const isEvents = isStream && !said.startsWith("[");
  return [bytes, isEvents ? "text/event-stream; charset=utf-8" : "application/json"];
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

async function askedOf(request: IncomingMessage): Promise<Asked> {
  const said = await text(request);
  const body: unknown = said === "" ? {} : JSON.parse(said);
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: joined(request.headers),
    text: said,
    body: typeof body === "object" && body !== null ? { ...body } : {},
  };
}

function joined(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
