import { git, gitText } from "./git.ts";
import { fetchFromOrigin } from "./origin.ts";
import type { Repository } from "./repository.ts";

const CHANGED = /:\d{6} \d{6} ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) /g;
const NOTHING = /^0+$/;

/** In a partial clone git cannot count the lines of what it was only promised: all that the log compares is brought first. */
export async function bringChanges(
  repository: Repository,
  tip: string,
  { limit }: { readonly limit: number },
): Promise<void> {
  if (!repository.partial || repository.origin === null) return;
  const log = ["log", "--raw", "--no-abbrev", "--no-renames", "--diff-merges=first-parent"];
  const range = ["--format=", `--max-count=${limit}`, "--end-of-options", tip];
  const text = await gitText(repository.own, [...log, ...range]);
  const named = [...text.matchAll(CHANGED)].flatMap(([, before = "", after = ""]) => [
    before,
    after,
  ]);
  const wanted = [...new Set(named)].filter((oid) => !NOTHING.test(oid));
  const objects = await missingAmong(repository, wanted);
  if (objects.length > 0) await fetchFromOrigin(repository, { objects });
}

async function missingAmong(
  { own }: Repository,
  oids: readonly string[],
): Promise<readonly string[]> {
  const stdin = oids.map((oid) => `${oid}\n`).join("");
  const { stdout } = await git({ ...own, stdin }, ["cat-file", "--batch-check"]);
  return stdout
    .toString("latin1")
    .split("\n")
    .flatMap((line) => (line.endsWith(" missing") ? [line.slice(0, -" missing".length)] : []));
}
