/** What the program says; `1` is standard output, `2` standard error. */
import { writeSync } from "node:fs";

export type Channel = 1 | 2;

/** Who goes on after its terminal, as nohup lets it, only speaks to nobody. */
const GONE_TERMINAL = "EIO";

/** Writes without a stream, which takes longer to open than most answers to find; what a full pipe does not take gets one. */
export class Output {
  readonly #whenClosed: () => void;
  readonly #streams = new Map<Channel, NodeJS.WriteStream>();

  /** `whenClosed` is called when a reader has gone away (`fettle runs | head -1`), which is no error. */
  constructor(whenClosed: () => void) {
    this.#whenClosed = whenClosed;
  }

  /** Resolves when the text has left the process, or nobody reads it any more. */
  async say(channel: Channel, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const written = this.#streams.has(channel) ? 0 : writeAtOnce(channel, bytes);
    if (written < bytes.length) await this.#stream(channel, bytes.subarray(written));
  }

  #stream(channel: Channel, bytes: Buffer): Promise<void> {
    const stream = this.#streams.get(channel) ?? this.#open(channel);
    return new Promise((resolve) => {
      if (stream.destroyed) resolve();
      else stream.write(bytes, () => resolve());
    });
  }

  #open(channel: Channel): NodeJS.WriteStream {
    const stream = channel === 1 ? process.stdout : process.stderr;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") this.#whenClosed();
      else if (error.code !== GONE_TERMINAL) throw error;
    });
    this.#streams.set(channel, stream);
    return stream;
  }
}

/** How many bytes went out. */
function writeAtOnce(channel: Channel, bytes: Buffer): number {
  try {
    return writeSync(channel, bytes);
  } catch {
    // The stream knows what to do.
    return 0;
  }
}

/** What is said goes out on a channel of its own. */
export type Saying = Pick<Output, "say">;
