/** `fettle init --github`: lets a workspace run in GitHub Actions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "#runner/schema/manifest.ts";
import { counted } from "#runner/report/words.ts";
import { githubFiles, writeGithub } from "./github-files.ts";
import { areCommitted } from "./workspace-files.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

/** Of a workspace that there is; what is written must be committed. */
export async function initGithub(
  { programFolder }: Pick<VerbContext, "programFolder">,
  folder: string,
): Promise<Answer> {
  const { value: settings } = readManifest(
    "workspace",
    "fettle.yaml",
    readFileSync(join(folder, "fettle.yaml"), "utf8"),
  );
  if (settings === null) return refused("invalid", "fettle.yaml is not valid", "fettle validate");
  const wanted = githubFiles(programFolder, settings);
  if (!wanted.ok) return refused("usage", wanted.reason, wanted.hint);
  const written = writeGithub(folder, wanted.files);
  const isCommitted = await areCommitted(folder, wanted.files);
  const secrets = Object.values(settings.secrets ?? {}).map(({ env }) => env);
  const text =
    written.length === 0
      ? unchangedText(isCommitted)
      : `${counted(written.length, "file")} written to .github: workflows, an action and the program\n\n${nextText(secrets)}`;
  return { exit: "ok", text, json: { folder, written, isCommitted } };
}

const COMMIT = "git add --force .github && git commit -m 'Run in GitHub Actions' && git push";

function unchangedText(isCommitted: boolean): string {
  const same = "nothing to write: .github is what fettle.yaml and this program make";
  return isCommitted ? `${same}, and committed\n` : `${same}\n\nNot committed yet:\n  ${COMMIT}\n`;
}

function nextText(secrets: readonly string[]): string {
  return [
    "Next:",
    `  ${COMMIT}`,
    ...secrets.map((name) => `  gh secret set ${name}   as far as agents need it`),
    "  Settings > Actions > General: let GitHub Actions create pull requests",
    "  fettle doctor   says when these files are stale",
    "",
  ].join("\n");
}
