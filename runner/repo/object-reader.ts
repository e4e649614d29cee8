import type { GitPlace } from "./git.ts";
import { GitProcess } from "./git-process.ts";

export interface TreeEntry {
  readonly mode: string;
  readonly kind: "file" | "executable" | "symlink" | "submodule" | "folder";
  readonly oid: string;
  readonly name: string;
}

export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly committer: string;
  readonly message: string;
}

/** An object's id, kind and size in bytes. */
export interface ObjectInfo {
  readonly oid: string;
  readonly kind: string;
  readonly size: number;
}

interface ReadObject extends ObjectInfo {
  readonly content: Buffer;
}

/** One process and the end of the queue of those who read from it. */
interface Session {
  readonly process: GitProcess;
  turn: Promise<void>;
  isBroken: boolean;
}

const HEADER = /^([0-9a-f]{40,64}) (\w+) (\d+)$/;
const STARTS_WITH_ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?(?=$|[:^])/;
const NOT_ASCII = /[^\0-\x7f]/;
const IN_FLIGHT_LIMIT = 256;
const TREES_KEPT = 256;

/**
 * Reads objects through one long-lived `git cat-file`, many requests in flight, answered in order.
 *
 * A name is an object id or any revision (`refs/heads/main:fettle.yaml`). Absent objects, and names that
 * cannot be one, are `undefined`; a corrupt object rejects its reader and no other.
 */
export class ObjectReader {
  readonly #place: GitPlace;
  readonly #waiting: (() => void)[] = [];
  readonly #trees = new Map<string, Promise<readonly TreeEntry[] | undefined>>();
  #session: Session | undefined;
  #inFlight = 0;

  constructor(place: GitPlace) {
    this.#place = place;
  }

  async readBlob(name: string): Promise<Buffer | undefined> {
    const object = await this.#contents(name);
    return object?.kind === "blob" ? object.content : undefined;
  }

  /** The entries of a tree, or of the tree of a commit, in git's order. Those named from an id on are kept: they never change. */
  readTree(name: string): Promise<readonly TreeEntry[] | undefined> {
    const known = this.#trees.get(name);
    if (known !== undefined) return known;
    const tree = this.#readTree(name);
    if (STARTS_WITH_ID.test(name)) this.#keepTree(name, tree);
    return tree;
  }

  #keepTree(name: string, tree: Promise<readonly TreeEntry[] | undefined>): void {
    this.#trees.set(name, tree);
    const [oldest] = this.#trees.keys();
    if (this.#trees.size > TREES_KEPT && oldest !== undefined) this.#trees.delete(oldest);
    // What is absent now may be fetched.
    tree.then((found) => found ?? this.#trees.delete(name)).catch(() => this.#trees.delete(name));
  }

  async #readTree(name: string): Promise<readonly TreeEntry[] | undefined> {
    // After a colon, "^{tree}" would be part of the path.
    const object = await this.#contents(name.includes(":") ? name : `${name}^{tree}`);
    return object?.kind === "tree" ? parseTree(object.content, object.oid.length / 2) : undefined;
  }

  /** A tree as git stores it. */
  async readTreeBytes(oid: string): Promise<Buffer | undefined> {
    const object = await this.#contents(oid);
    return object?.kind === "tree" ? object.content : undefined;
  }

  async readCommit(name: string): Promise<(CommitObject & { readonly oid: string }) | undefined> {
    const object = await this.#contents(`${name}^{commit}`);
    return object && { oid: object.oid, ...parseCommit(object.content.toString("utf8")) };
  }

  /** What a revision names now, without reading its content. */
  resolve(name: string): Promise<ObjectInfo | undefined> {
    return this.#ask("info", name, async (running) => parseHeader(await running.readLine()));
  }

  /** The object id at a path below a tree or commit; the tree itself for the empty path. */
  async treeAtPath(root: string, path: string): Promise<string | undefined> {
    const info = await this.resolve(path === "" ? `${root}^{tree}` : `${root}:${path}`);
    return info?.kind === "tree" ? info.oid : undefined;
  }

  async close(): Promise<void> {
    await this.#session?.process.close();
    this.#session = undefined;
  }

  #contents(name: string): Promise<ReadObject | undefined> {
    return this.#ask("contents", name, async (running) => {
      const header = parseHeader(await running.readLine());
      if (header === undefined) return undefined;
      const framed = await running.readBytes(header.size + 1);
      return { ...header, content: framed.subarray(0, -1) };
    });
  }

  async #ask<Answer>(
    command: "info" | "contents",
    name: string,
    read: (running: GitProcess) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    if (!isOneLine(name)) return undefined;
    await this.#enter();
    try {
      return await this.#askOrRetry(`${command} ${name}\n`, read);
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
      if (isOwnFault && isSecondTry) throw error;
      return this.#askOrRetry(request, read, isOwnFault || isSecondTry);
    }
  }

  #openSession(): Session {
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

function parseTree(content: Buffer, oidLength: number): readonly TreeEntry[] {
  // Decoded as a whole: a tree may have thousands of entries, and every call into the buffer costs.
  const [text, hex] = [content.toString("latin1"), content.toString("hex")];
  const entries: TreeEntry[] = [];
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(" ", at);
    const end = text.indexOf("\0", space);
    const mode = text.slice(at, space);
    at = end + 1 + oidLength;
    entries.push({
      mode: mode.length === 5 ? `0${mode}` : mode,
      kind: kindOf(mode),
      oid: hex.slice(2 * end + 2, 2 * at),
      name: nameOf(text.slice(space + 1, end)),
    });
  }
  return entries;
}

function nameOf(bytes: string): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
}

function kindOf(mode: string): TreeEntry["kind"] {
  if (mode === "40000") return "folder";
  if (mode === "120000") return "symlink";
  if (mode === "160000") return "submodule";
  return mode === "100755" ? "executable" : "file";
}

function parseCommit(text: string): CommitObject {
  const end = text.indexOf("\n\n");
  const header = end < 0 ? text : text.slice(0, end);
  const valuesOf = (name: string): string[] =>
    header
      .split("\n")
      .flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  return {
    tree: valuesOf("tree")[0] ?? "",
    parents: valuesOf("parent"),
    author: valuesOf("author")[0] ?? "",
    committer: valuesOf("committer")[0] ?? "",
    message: end < 0 ? "" : text.slice(end + 2),
  };
}

function isOneLine(name: string): boolean {
  // A control character could end the request early and shift every later answer.
  return name !== "" && !/\p{Cc}/u.test(name);
}

function ignore(): void {}
