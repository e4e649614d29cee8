/** A stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), cut into events as it comes. */

export interface ServerSentEvent {
  /** With the empty line that ends it. */
  readonly bytes: Buffer;
  /** Undefined for comments and for what is no event. */
  readonly data: string | undefined;
}

/** What is longer is passed on without being read. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

export class EventCutter {
  #rest: Buffer = Buffer.alloc(0);

  /** Events that the chunk completes. */
  push(chunk: Buffer): readonly ServerSentEvent[] {
    const before = this.#rest.length;
    const bytes = before === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const events: ServerSentEvent[] = [];
    let start = 0;
    let end = endOfEvent(bytes, Math.max(before - 3, 0));
    while (end !== -1) {
      events.push(eventOf(bytes.subarray(start, end)));
      start = end;
      end = endOfEvent(bytes, start);
    }
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > MAX_EVENT_BYTES) {
      events.push({ bytes: this.#rest, data: undefined });
      this.#rest = Buffer.alloc(0);
    }
    return events;
  }

  /** What came after the last event: half of one, if the stream was cut. */
  end(): ServerSentEvent {
    return eventOf(this.#rest);
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
