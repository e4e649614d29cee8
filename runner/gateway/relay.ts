/** An answer on its way back: passed on as fast as the client takes it, read while it passes. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { isJsonObject, type JsonObject } from "#runner/core/json-object.ts";
import { parseJson } from "./json-value.ts";
import { EventCutter } from "./server-sent-events.ts";
import type { Seen, ProviderFormat } from "./provider-format.ts";

export interface Passage {
  readonly source: AsyncIterable<unknown>;
  readonly response: ServerResponse;
  readonly format: ProviderFormat;
  /** What the client sent. */
  readonly body: JsonObject;
  readonly isEvents: boolean;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly onFirstByte: () => void;
}

export interface Passed {
  /** Nobody cut it off, and the client has all of it but the last word. */
  readonly isEnded: boolean;
  /** It says that it is complete. */
  readonly isWhole: boolean;
  readonly model: string | null;
  readonly usage: JsonObject | undefined;
  /** As the client got it. */
  readonly bytes: Buffer;
}

/** Does not end the response: what was used is settled before the client learns that it is over. */
export async function relay(passage: Passage): Promise<Passed> {
  const log = new AnswerLog(passage);
  try {
    for await (const chunk of passage.source) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError("an answer comes in bytes");
      passage.onFirstByte();
      if (!log.hasRoomFor(chunk.length)) return log.passed(false);
      await write(passage, log.taken(chunk));
    }
    await write(passage, log.rest());
    return log.passed(true);
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return log.passed(false);
  }
}

async function write({ response, signal }: Passage, bytes: Buffer): Promise<void> {
  if (bytes.length === 0) return;
  if (response.destroyed) throw new Error("the client is gone");
  if (!response.write(bytes)) await once(response, "drain", { signal });
}

class AnswerLog {
  readonly #passage: Passage;
  readonly #cutter = new EventCutter();
  readonly #passed: Buffer[] = [];
  #length = 0;
  #seen: Seen = {};

  constructor(passage: Passage) {
    this.#passage = passage;
  }

  hasRoomFor(bytes: number): boolean {
    this.#length += bytes;
    return this.#length <= this.#passage.maxBytes;
  }

  /** What of the chunk goes to the client now. */
  taken(chunk: Buffer): Buffer {
    const { isEvents, format, body } = this.#passage;
    if (!isEvents) return this.#kept(chunk);
    const wanted = this.#cutter.push(chunk).filter(({ data }) => {
      const seen = data === undefined ? {} : format.inEvent(data, body);
      this.#add(seen);
      return seen.isExtra !== true;
    });
    return this.#kept(Buffer.concat(wanted.map(({ bytes }) => bytes)));
  }

  rest(): Buffer {
    if (!this.#passage.isEvents) return Buffer.alloc(0);
    const { bytes, data } = this.#cutter.end();
    if (data !== undefined) this.#add(this.#passage.format.inEvent(data, this.#passage.body));
    return this.#kept(bytes);
  }

  passed(isEnded: boolean): Passed {
    const bytes = Buffer.concat(this.#passed);
    if (isEnded && !this.#passage.isEvents) this.#readAnswer(bytes);
    const { model = null, usage, isEnd = false } = this.#seen;
    return { isEnded, isWhole: isEnded && isEnd, model, usage, bytes };
  }

  /** A stream that is no stream of events is a list of what would have been events. */
  #readAnswer(bytes: Buffer): void {
    const answer = parseJson(bytes.toString("utf8"));
    const parts: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
    for (const part of parts) {
      if (isJsonObject(part)) this.#add(this.#passage.format.inAnswer(part));
    }
  }

  #add({ model, usage, isEnd = false }: Seen): void {
    this.#seen = {
      model: model ?? this.#seen.model,
      usage: usage === undefined ? this.#seen.usage : { ...this.#seen.usage, ...usage },
      isEnd: isEnd || this.#seen.isEnd === true,
    };
  }

  #kept(bytes: Buffer): Buffer {
    this.#passed.push(bytes);
    return bytes;
  }
}
