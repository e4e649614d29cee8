import type { CommitTarget, FileChange, Signature } from "./commit-target.ts";
import type { GitPlace } from "./git.ts";
import { GitProcess } from "./git-process.ts";

// unpackLimit=0 keeps each checkpoint one pack; without it git starts `unpack-objects` each time.
// The refs it writes promise nothing, so they are not synced ("all,-reference" would sync them: git adds
// the named parts after it has taken the negated ones away).
const SYNCED = "core.fsync=none,objects,derived-metadata";
const SETTINGS = ["-c", "fastimport.unpackLimit=0", "-c", SYNCED];
const COMMAND = ["fast-import", "--force", "--quiet", "--date-format=raw"];

/** One `git fast-import` process and its stream language. */
export class FastImport {
  readonly #process: GitProcess;

  constructor(place: GitPlace) {
    this.#process = new GitProcess(place, [...SETTINGS, ...COMMAND]);
  }

  get hasEnded(): boolean {
    return this.#process.hasEnded;
  }

  /** Writes the commits and waits until their pack is on the disk; returns their ids in order. */
  async write(targets: readonly CommitTarget[]): Promise<readonly string[]> {
    // Formed completely before a byte is sent: an unusable path must not leave half a commit in the stream.
    const commits = targets.flatMap((target, index) => commitParts(target, index + 1));
    const marks = targets.map((_, index) => `get-mark :${index + 1}\n`);
    const parts = [...commits, "checkpoint\n", ...marks];
    this.#process.write(Buffer.concat(parts.map((part) => Buffer.from(part))));
    return Promise.all(targets.map(() => this.#process.readLine()));
  }

  async close(): Promise<void> {
    await this.#process.close();
  }
}

type Part = string | Uint8Array;

function commitParts(target: CommitTarget, mark: number): Part[] {
  const { ref, parent, message } = target;
  // Without a reset, a root commit would be appended to what this process last wrote to the ref.
  const reset = parent === null ? `reset ${ref}\n\n` : "";
  const from = parent === null ? "" : `from ${parent}\n`;
  const merges = (target.mergeParents ?? []).map((merged) => `merge ${merged}\n`);
  const people = `author ${signature(target.author)}\ncommitter ${signature(target.committer)}\n`;
  const text = `data ${Buffer.byteLength(message)}\n${message}\n`;
  const header = `${reset}commit ${ref}\nmark :${mark}\n${people}${text}${from}${merges.join("")}`;
  return [header, ...target.files.flatMap(fileParts), "\n"];
}

function fileParts(file: FileChange): Part[] {
  const path = quoted(file.path);
  if ("delete" in file) return [`D ${path}\n`];
  const mode = file.executable === true ? "100755" : "100644";
  if ("oid" in file) return [`M ${mode} ${file.oid} ${path}\n`];
  const content = Buffer.from(file.content);
  return [`M ${mode} inline ${path}\ndata ${content.length}\n`, content, "\n"];
}

function signature({ name, email, at }: Signature): string {
  return `${plain(name)} <${plain(email)}> ${Math.floor(at)} +0000`;
}

function plain(text: string): string {
  return text.replaceAll(/[<>\p{Cc}]/gu, " ").trim();
}

function quoted(path: string): string {
  const isUnsafe = path.split("/").some((part) => part === "" || part === "." || part === "..");
  if (isUnsafe || path.includes("\0")) throw new Error(`"${path}" is not a path in a repository`);
  const escaped = path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `"${escaped}"`;
}
