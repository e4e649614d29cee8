/** The session of a coding agent: kept as a checkpoint, so that the next attempt of the same work goes on with it. */
import { isJsonObject } from "#runner/core/json-object.ts";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { canonicalJson } from "#runner/core/canonical-json.ts";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import type { CodingAgentName } from "#runner/core/coding-agent.ts";
import { scanSecrets } from "#runner/core/secret-scan.ts";
import type { AttemptFolder } from "./attempt-folder.ts";
import type { SessionPlaces } from "./coding-agent-cli.ts";
import { type Line, numberAt, textAt, valueAt } from "./json-lines.ts";

/** Name of the checkpoint. */
const SESSION = "codingAgentSession";
const LARGEST = 256 * 1024;
const PAUSE_MS = 20_000;

export interface KeptSession {
  readonly id: string;
  /** What the agent believed to have spent in it. */
  readonly reportedUsd: number;
  readonly transcript: string;
  /** The attempt's folder as the transcript names it. */
  readonly root: string;
  /** Of the transcript, below the agent's home. */
  readonly path: string;
  /** Texts that the agent had made or changed, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** The session that an earlier attempt has kept; undefined where there is none of this agent. */
export function sessionIn(
  checkpoints: Checkpoints | undefined,
  agent: CodingAgentName,
): KeptSession | undefined {
  const kept = checkpoints?.get(SESSION);
  if (textAt(kept, "agent") !== agent) return undefined;
  const files = valueAt(kept, "files");
  return {
    id: textAt(kept, "id"),
    reportedUsd: numberAt(kept, "reportedUsd") ?? 0,
    transcript: textAt(kept, "transcript"),
    root: textAt(kept, "root"),
    path: textAt(kept, "path"),
    files: isJsonObject(files) ? textsOf(files) : {},
  };
}

function textsOf(files: Line): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(files).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}

/** Gives the id of the session. Lays the transcript where the agent looks for it, with the paths of this attempt, and the files as the agent left them. */
export function layOut(kept: KeptSession, places: SessionPlaces, folder: AttemptFolder): string {
  const path = join(folder.home, places.placeOf(kept, realpathSync(folder.work)));
  write(path, kept.transcript.replaceAll(kept.root, realpathSync(folder.root)));
  for (const [name, text] of Object.entries(kept.files)) write(join(folder.work, name), text);
  return kept.id;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

export interface SessionDesk {
  readonly agent: CodingAgentName;
  readonly places: SessionPlaces;
  readonly folder: AttemptFolder;
  readonly secrets: Readonly<Record<string, string>>;
  /** What is saved of this attempt already. */
  readonly saved: Checkpoints;
  readonly save: (checkpoints: Checkpoints) => void;
  /** Texts that the agent has made or changed so far; undefined while it may not have made one of them. */
  readonly files: () => Readonly<Record<string, string>> | undefined;
}

/** Keeps the session while the agent works, now and then, and once more when the attempt has failed. */
export class SessionKeeper {
  readonly #desk: SessionDesk;
  readonly #timer: NodeJS.Timeout;
  #told = "";

  constructor(desk: SessionDesk, pauseMs = PAUSE_MS) {
    this.#desk = desk;
    this.#timer = setInterval(() => void this.keep(0), pauseMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Says why the session was not kept; undefined when it was, or when nothing is new. */
  keep(reportedUsd: number): string | undefined {
    const { agent, secrets, saved, save } = this.#desk;
    const found = this.#session();
    if (found === undefined) return "there is no transcript";
    const session = { agent, reportedUsd, ...found };
    const text = canonicalJson(session);
    if (text === this.#told) return undefined;
    if (Buffer.byteLength(text) > LARGEST) return `it is larger than ${LARGEST / 1024} KiB`;
    const secret = scanSecrets(text, secrets)[0];
    if (secret !== undefined) return `it holds a secret (${secret.rule})`;
    this.#told = text;
    save(new Map([...saved, [SESSION, session]]));
    return undefined;
  }

  /** Whether the agent has come further than where it went on from. */
  isNewerThan(kept: KeptSession | undefined): boolean {
    const { places, folder } = this.#desk;
    const path = newestTranscript(folder.home, places.pattern);
    if (path === undefined || kept === undefined) return kept === undefined;
    return readFileSync(join(folder.home, path)).length > Buffer.byteLength(kept.transcript);
  }

  /** The next attempt begins anew. */
  drop(): void {
    const { saved, save } = this.#desk;
    save(new Map([...saved].filter(([name]) => name !== SESSION)));
  }

  #session(): object | undefined {
    const { places, folder, files } = this.#desk;
    const path = newestTranscript(folder.home, places.pattern);
    const made = files();
    const id = places.pattern.exec(path ?? "")?.groups?.["id"];
    if (path === undefined || id === undefined || made === undefined) return undefined;
    const transcript = readFileSync(join(folder.home, path), "utf8");
    return { id, path, root: realpathSync(folder.root), transcript, files: made };
  }
}

function newestTranscript(home: string, pattern: RegExp): string | undefined {
  const paths = readdirSync(home, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => pattern.test(path));
  return paths.toSorted((a, b) => changedMs(home, b) - changedMs(home, a))[0];
}

function changedMs(home: string, path: string): number {
  return statSync(join(home, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
