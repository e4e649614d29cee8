/** What is wrong with a file that a person wrote, and where. */

/** Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
export interface Range {
  readonly line: number;
  readonly col: number;
  readonly endLine: number;
  readonly endCol: number;
}

/** One thing that is wrong, in a text whose name is not known here. */
export interface Problem extends Range {
  /** Stable: `yaml/duplicate-key`, `schema/unknown-key`, `ref/agent`, `expression/type`. */
  readonly code: string;
  readonly message: string;
  /** What to do; empty when the message says it. */
  readonly hint: string;
}

/** An error stops the project that uses the file; a warning stops nothing. */
export interface Violation extends Problem {
  readonly severity: "error" | "warning";
  /** From the top of the repository. */
  readonly file: string;
}

/** A violation of a workspace, with the names of the projects that it stalls: none for a warning. */
export interface WorkspaceViolation extends Violation {
  readonly stalls: readonly string[];
}

export const FIRST_CHARACTER: Range = { line: 1, col: 1, endLine: 1, endCol: 2 };
