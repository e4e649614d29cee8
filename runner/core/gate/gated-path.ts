/** Paths that no agent may write, and names that no agent may use. */
import { matchesGlob } from "#runner/core/glob.ts";

/**
 * What steers the runner, the forge or other programs of the repository; a person changes these.
 * A pattern without `/` holds for a file or folder of that name at any depth.
 * All of `memory/` is here: agents return memory as typed output, and the runner writes it after admission.
 */
const GATED_PATHS: readonly string[] = [
  "runner/**",
  "schemas/**",
  "agents/**",
  "memory/**",
  "bin/**",
  "prices/**",
  "fettle.yaml",
  "**/project.yaml",
  "**/pipelines/**",
  "package*.json",
  ".git*",
  ".npmrc",
  ".env*",
  "codeowners",
];

/** The pattern that closes this path to agents; undefined when it is open. Spelling variants count as the same path. */
export function gatedBy(path: string): string | undefined {
  const folded = foldPath(path);
  return GATED_PATHS.find((pattern) =>
    pattern.includes("/") || pattern === "fettle.yaml"
      ? matchesGlob(pattern, folded)
      : folded.split("/").some((segment) => matchesGlob(pattern, segment)),
  );
}

/** One spelling for all paths that some file system takes for the same: NFC, lower case. */
export function foldPath(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

const CONTROL_OR_INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\p{DI}\uFFFD]/u;
/** NTFS short names (`git~1`) reach files under another name; `:` opens streams, `\` is a separator there. */
const TREACHEROUS = /[\\:]|~\d|[. ](?:\/|$)|(?:^|\/)(?:\/|$)/;
const LONGEST_PATH = 500;

/** Why a relative path is not fit to be a file of the repository, on any system; undefined when it is. */
export function unfitName(path: string): string | undefined {
  if (path.length > LONGEST_PATH) return "is longer than 500 characters";
  if (CONTROL_OR_INVISIBLE.test(path)) return "has control or invisible characters in its name";
  if (path !== path.normalize("NFC")) return "is not in Unicode normal form NFC";
  if (path.startsWith("/") || TREACHEROUS.test(path)) {
    return "has a name that other systems read as another file";
  }
  return undefined;
}
