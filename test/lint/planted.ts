/** Files planted in a folder of their own, and what the linter says of them under this repository's rules. */
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { makeFolder, runGit } from "../support/git-repo.ts";

/** Path to text. */
export type Planted = Readonly<Record<string, string>>;

export interface Complaint {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Such as `eslint(no-console)`. */
  readonly rule: string;
}

/** `typed`: the rules that need types run too. */
export async function complaintsOf(files: Planted, typed: boolean): Promise<readonly Complaint[]> {
  const folder = makeFolder();
  runGit(folder, ["init", "--quiet"]);
  const config = JSON.parse(readFileSync(".oxlintrc.json", "utf8"));
  config.options.typeAware = typed;
  writeFileSync(join(folder, ".oxlintrc.json"), JSON.stringify(config));
  copyFileSync("tsconfig.json", join(folder, "tsconfig.json"));
  copyFileSync(".gitignore", join(folder, ".gitignore"));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return parsed(await lint(folder, Object.keys(files)));
}

/** The linter ends with 1 when it finds something. */
function lint(folder: string, files: readonly string[]): Promise<string> {
  const oxlint = resolve("node_modules/.bin/oxlint");
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((done, fail) => {
    execFile(oxlint, ["--format=json", ...files], options, (error, stdout) => {
      if (stdout.startsWith("{")) done(stdout);
      else fail(error ?? new Error(`the linter said: ${stdout}`));
    });
  });
}

interface Report {
  readonly diagnostics: readonly {
    readonly filename: string;
    readonly code: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

function parsed(text: string): readonly Complaint[] {
  const report: Report = JSON.parse(text);
  return report.diagnostics.map(({ filename, code, labels }) => ({
    file: filename,
    line: labels[0]?.span.line ?? 0,
    rule: code,
  }));
}
