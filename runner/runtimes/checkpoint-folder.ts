/** The folder in which a program saves checkpoints while it works: one JSON file each, put there by a rename. */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  writeFileSync,
  type BigIntStats,
} from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "#runner/core/canonical-json.ts";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import { scanSecrets } from "#runner/core/secret-scan.ts";
import { parseAgentJson } from "./agent-json.ts";

const KIB = 1024;
const LARGEST = 256 * KIB;
const MOST = 16;
const NAME = /^([a-z][A-Za-z0-9]{0,63})\.json$/;
const PAUSE_MS = 1000;

export interface CheckpointDesk {
  /** What an earlier attempt has saved. */
  readonly saved: Checkpoints;
  readonly secrets: Readonly<Record<string, string>>;
  /** Told all of them whenever one has changed, at most once a second. */
  readonly save: (checkpoints: Checkpoints) => void;
}

interface LastRead {
  /** Of the file as it was last read. */
  readonly mark: string;
  /** What counts: the newest content that was in order. */
  readonly value: unknown;
  /** Canonical JSON; null while nothing was in order. */
  readonly text: string | null;
}

/** Reads what changes in the folder, while the program works and once more when it has ended. */
export class CheckpointFolder {
  readonly path: string;
  readonly #desk: CheckpointDesk;
  readonly #seen: Map<string, LastRead>;
  #told: string;
  readonly #notes = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  /** Makes the folder, with what was saved before in it. */
  constructor(path: string, desk: CheckpointDesk) {
    this.path = path;
    this.#desk = desk;
    mkdirSync(path);
    const saved = [...desk.saved].map(([name, value]) => {
      const text = canonicalJson(value);
      writeFileSync(join(path, `${name}.json`), text);
      return [name, { mark: "", value, text }] as const;
    });
    this.#seen = new Map(saved);
    this.#told = canonicalJson(Object.fromEntries(desk.saved));
    this.#timer = setInterval(() => this.#look(), PAUSE_MS);
  }

  /** Reads what was saved last; gives what was not kept, and why. */
  close(): readonly string[] {
    clearInterval(this.#timer);
    this.#look();
    return [...this.#notes];
  }

  #look(): void {
    for (const name of this.#names()) this.#seen.set(name, this.#read(name));
    const all = [...this.#seen].filter(([, { text }]) => text !== null);
    const values = new Map(all.map(([name, { value }]) => [name, value]));
    const text = canonicalJson(Object.fromEntries(values));
    if (text === this.#told) return;
    this.#told = text;
    this.#desk.save(values);
  }

  /** A file that is about to be renamed has another name; one that is gone again has been saved all the same. */
  #names(): readonly string[] {
    const names = entriesOf(this.path).flatMap((entry) => NAME.exec(entry)?.[1] ?? []);
    const known = names.filter((name) => this.#seen.has(name));
    const added = names.filter((name) => !this.#seen.has(name)).toSorted();
    const room = MOST - this.#seen.size;
    if (added.length > room) this.#notes.add(`more than ${MOST} checkpoints`);
    return [...known, ...added.slice(0, room)];
  }

  #read(name: string): LastRead {
    const before = this.#seen.get(name) ?? { mark: "", value: null, text: null };
    const file = readRegular(join(this.path, `${name}.json`), before.mark);
    if (file.kind === "same") return before;
    const problem = file.kind === "refused" ? file.reason : undefined;
    const parsed = file.kind === "read" ? parse(file.content) : undefined;
    const secret = parsed === undefined ? undefined : this.#secretIn([name, parsed.text]);
    if (parsed !== undefined && secret === undefined) return { mark: file.mark, ...parsed };
    this.#notes.add(`checkpoint ${name} was not kept: ${problem ?? secret ?? "it is no JSON"}`);
    return { ...before, mark: file.mark };
  }

  #secretIn(texts: readonly string[]): string | undefined {
    const finding = texts.flatMap((text) => scanSecrets(text, this.#desk.secrets))[0];
    return finding === undefined ? undefined : `it holds a secret (${finding.rule})`;
  }
}

function entriesOf(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // the program may remove it
  }
}

/** undefined for what is no JSON, or nested too deeply to be written again. */
function parse(content: string): { readonly value: unknown; readonly text: string } | undefined {
  try {
    const value = parseAgentJson(content);
    return { value, text: canonicalJson(value) };
  } catch {
    return undefined;
  }
}

type Read = { readonly mark: string } & (
  | { readonly kind: "same" }
  | { readonly kind: "read"; readonly content: string }
  | { readonly kind: "refused"; readonly reason: string }
);

/** Opens without following a link or waiting for a writer, and looks at the open file, not at its name. */
function readRegular(path: string, before: string): Read {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return { kind: "refused", mark: "", reason: "it cannot be read" };
  }
  try {
    return readOpen(descriptor, before);
  } finally {
    closeSync(descriptor);
  }
}

function readOpen(descriptor: number, before: string): Read {
  const stats = fstatSync(descriptor, { bigint: true });
  const mark = markOf(stats);
  if (mark === before) return { kind: "same", mark };
  if (!stats.isFile() || stats.nlink > 1n) {
    return { kind: "refused", mark, reason: "it is no plain file" };
  }
  const content = Buffer.alloc(LARGEST + 1);
  const length = readSync(descriptor, content, 0, content.length, 0);
  if (length > LARGEST) {
    return { kind: "refused", mark, reason: `it is larger than ${LARGEST / KIB} KiB` };
  }
  return { kind: "read", mark, content: content.subarray(0, length).toString() };
}

function markOf({ ino, size, mtimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs].join(" ");
}
