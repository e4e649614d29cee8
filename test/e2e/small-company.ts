/** A company of one pipeline: a note is written, and a person is asked before it is kept. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { agent, pipeline, project, settings } from "../support/company.ts";
import type { FileTexts } from "../support/git-repo.ts";
import type { Desk } from "./program.ts";

export const NOTE = 'printf \'{"outcome":"succeeded","outputs":{"text":"hello"}}\'\n';

const SMALL_COMPANY: FileTexts = {
  ...settings(),
  ...project("shop"),
  ...agent("scribe"),
  "agents/scribe/main.sh": NOTE,
  ...agent("sleeper"),
  "agents/sleeper/main.sh": "sleep 30\n",
  ...agent("breaker"),
  "agents/breaker/main.sh": "exit 3\n",
  ...pipeline("shop/note", [
    { id: "write", agent: "scribe" },
    {
      id: "review",
      gate: "Keep the note",
      ask: "always",
      show: { note: "${{ steps.write.outputs }}" },
    },
  ]),
  ...pipeline("shop/nap", [{ id: "sleep", agent: "sleeper" }]),
  ...pipeline("shop/crash", [{ id: "fall", agent: "breaker", retry: { limit: 1 } }]),
};

/** The company in a folder of the desk, committed. */
export async function makeCompany(
  desk: Desk,
  name: string,
  files: FileTexts = SMALL_COMPANY,
): Promise<Desk> {
  const company = desk.at(join(desk.folder, name));
  mkdirSync(company.folder);
  await company.git("init", "--quiet");
  await commit(company, files);
  return company;
}

export async function commit(company: Desk, files: FileTexts): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(company.folder, path)), { recursive: true });
    writeFileSync(join(company.folder, path), text);
  }
  await company.git("add", "--all");
  await company.git("commit", "--quiet", "--message", "change");
}
