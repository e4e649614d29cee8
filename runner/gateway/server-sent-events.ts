/** A stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), cut into events as it comes. */

export interface ServerSentEvent {
  /** With the empty line that ends it. */
  readonly bytes: Buffer;
  /** Undefined for comments and for what is no event. */
  readonly data: string | undefined;
}

/** What is longer is passed on without being read. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

const NOTHING = Buffer.alloc(0);

export class EventCutter {
  /** What came since the last event, in the pieces in which it came. */
  #rest: Buffer[] = [];
  #length = 0;
  /** The last bytes of it, where an empty line may have begun. */
  #tail: Buffer = NOTHING;

  /** Events that the chunk completes. */
  push(chunk: Buffer): readonly ServerSentEvent[] {
    const isComplete = endOfEvent(Buffer.concat([this.#tail, chunk]), 0) !== -1;
    this.#keep(chunk);
    if (isComplete) return this.#cut();
    return this.#length > MAX_EVENT_BYTES ? [{ bytes: this.#taken(), data: undefined }] : [];
  }

  /** What came after the last event: half of one, if the stream was cut. */
  end(): ServerSentEvent {
    return eventOf(this.#taken());
  }

  #cut(): readonly ServerSentEvent[] {
    const bytes = this.#taken();
    const events: ServerSentEvent[] = [];
    let start = 0;
    for (let end = endOfEvent(bytes, 0); end !== -1; end = endOfEvent(bytes, start)) {
      events.push(eventOf(bytes.subarray(start, end)));
      start = end;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return events;
  }

  #keep(bytes: Buffer): void {
    this.#rest.push(bytes);
    this.#length += bytes.length;
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-2)]).subarray(-2);
  }

  #taken(): Buffer {
    const [only] = this.#rest;
    const bytes = only !== undefined && this.#rest.length === 1 ? only : Buffer.concat(this.#rest);
    this.#rest = [];
    this.#length = 0;
    this.#tail = NOTHING;
    return bytes;
  }
}

const LF = 10;
const CR = 13;

/** Offset behind the first empty line; -1 where there is none. */
function endOfEvent(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(LF, from); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

function eventOf(bytes: Buffer): ServerSentEvent {
  const lines = bytes.toString("utf8").split(/\r?\n/u);
  const data = lines
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(line[5] === " " ? 6 : 5));
  return { bytes, data: data.length === 0 ? undefined : data.join("\n") };
}
