import type { GitPlace } from "./git.ts";
import type { ObjectInfo, ReadObject } from "./git-object.ts";
import { GitProcess } from "./git-process.ts";

/** One process and the end of the queue of those who read from it. */
interface Session {
  readonly process: GitProcess;
  turn: Promise<void>;
  isBroken: boolean;
}

const HEADER = /^([0-9a-f]{40,64}) (\w+) (\d+)$/;
const IN_FLIGHT_LIMIT = 256;

/**
 * Asks one long-lived `git cat-file`, many requests in flight, answered in order.
 *
 * A name is any revision in one line of text. What is absent is `undefined`; a corrupt object rejects its reader and no other.
 */
export class CatFile {
  readonly #place: GitPlace;
  readonly #waiting: (() => void)[] = [];
  #session: Session | undefined;
  #inFlight = 0;
  #isClosed = false;

  constructor(place: GitPlace) {
    this.#place = place;
  }

  info(name: string): Promise<ObjectInfo | undefined> {
    return this.#ask(`info ${name}\n`, async (running) => parseHeader(await running.readLine()));
  }

  contents(name: string): Promise<ReadObject | undefined> {
    return this.#ask(`contents ${name}\n`, async (running) => {
      const header = parseHeader(await running.readLine());
      if (header === undefined) return undefined;
      const framed = await running.readBytes(header.size + 1);
      return { ...header, content: framed.subarray(0, -1) };
    });
  }

  /** What is in flight is refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#session?.process.close();
    this.#session = undefined;
  }

  async #ask<Answer>(
    request: string,
    read: (running: GitProcess) => Promise<Answer>,
  ): Promise<Answer> {
    await this.#enter();
    try {
      return await this.#askOrRetry(request, read);
    } finally {
      this.#inFlight -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** git ends when it meets a corrupt object and takes the requests behind it along; those ask again. */
  async #askOrRetry<Answer>(
    request: string,
    read: (running: GitProcess) => Promise<Answer>,
    isSecondTry = false,
  ): Promise<Answer> {
    const session = this.#openSession();
    session.process.write(request);
    const answer = session.turn.then(() => read(session.process));
    session.turn = answer.then(ignore, ignore);
    try {
      return await answer;
    } catch (error) {
      const isOwnFault = !session.isBroken;
      session.isBroken = true;
      if (this.#isClosed || (isOwnFault && isSecondTry)) throw error;
      return this.#askOrRetry(request, read, isOwnFault || isSecondTry);
    }
  }

  #openSession(): Session {
    if (this.#isClosed) throw new Error("the reader of objects is closed");
    if (this.#session === undefined || this.#session.isBroken || this.#session.process.hasEnded) {
      const running = new GitProcess(this.#place, ["cat-file", "--batch-command"]);
      this.#session = { process: running, turn: Promise.resolve(), isBroken: false };
    }
    return this.#session;
  }

  async #enter(): Promise<void> {
    while (this.#inFlight >= IN_FLIGHT_LIMIT) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#inFlight += 1;
  }
}

function parseHeader(line: string): ObjectInfo | undefined {
  const [, oid, kind, size] = HEADER.exec(line) ?? [];
  return oid && kind && size ? { oid, kind, size: Number(size) } : undefined;
}

function ignore(): void {}
