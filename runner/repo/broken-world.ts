/** A disk or rights that fail: an error has a `code`, as Node's own have, and the `path` that could not be written. */
import { writeFileSync } from "node:fs";
import { complainedOf, damagedError } from "./damage.ts";

/** What git prints; it does not always say why it could not write. */
const SAID_BY_GIT: readonly (readonly [RegExp, string])[] = [
  [/No space left on device|Out of diskspace/, "ENOSPC"],
  [/Disk quota exceeded/, "EDQUOT"],
  [/Read-only file system/, "EROFS"],
  [/Permission denied|insufficient permission/, "EACCES"],
  [/Too many open files/, "EMFILE"],
  [/File too large/, "EFBIG"],
  [/Stale file handle/, "ESTALE"],
  [/Transport endpoint is not connected/, "ENOTCONN"],
  [/Resource temporarily unavailable|cannot fork/, "EAGAIN"],
  [/[Oo]ut of memory|Cannot allocate memory/, "ENOMEM"],
  [/exists; cannot create/, "EREFEXISTS"],
  [/died of signal \d/, "EKILLED"],
  [/\.lock': File exists/, "ELOCKED"],
  [
    /Input\/output error|(?:couldn't|could not|unable to|failed to|cannot) write|write error/,
    "EIO",
  ],
];

/** Result codes of SQLite without their extensions. */
const SAID_BY_SQLITE: ReadonlyMap<number, string> = new Map([
  [3, "EACCES"],
  [8, "EROFS"],
  [10, "EIO"],
  [13, "ENOSPC"],
  [14, "EIO"],
]);
const PRIMARY_CODE = 0xff;

interface Said {
  readonly message: string;
  /** What git wrote to stderr. */
  readonly stderr: string;
  /** What is named where git names no path. */
  readonly command: string;
  readonly cause?: unknown;
}

/** A failure of git, with a code where its words are about the disk. */
export function gitError({ message, stderr, command, cause }: Said): Error {
  const error = new Error(message, { cause });
  const code = SAID_BY_GIT.find(([words]) => words.test(stderr))?.[1];
  if (code === undefined) {
    const oid = complainedOf(stderr);
    return oid === undefined ? error : damagedError(`object ${oid} is damaged`, oid, error);
  }
  const named = /'(\/[^']+|refs\/[^']+(?=' exists; cannot create))'/.exec(stderr)?.[1];
  return Object.assign(error, { code, path: named ?? command });
}

/** A failure of SQLite at the file, with a code where it is about the disk. */
export function sqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("errcode" in error)) return error;
  const code = SAID_BY_SQLITE.get(Number(error.errcode) & PRIMARY_CODE);
  return code === undefined ? error : Object.assign(error, { code, path });
}

/** Writes a whole file; its error names it, which Node's own does not when the disk is full. */
export function writeWhole(path: string, text: string, flag: "w" | "wx" = "w"): void {
  try {
    writeFileSync(path, text, { flag });
  } catch (error) {
    throw withPath(error, path);
  }
}

export function withPath(error: unknown, path: string): unknown {
  const isSilent = error instanceof Error && "code" in error && !("path" in error);
  return isSilent ? Object.assign(error, { path }) : error;
}
