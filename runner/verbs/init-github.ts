/** `fettle init --github`: lets a workspace run in GitHub Actions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "#runner/schema/manifest.ts";
import { counted } from "#runner/report/words.ts";
import { githubFiles, writeGithub } from "./github-files.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

/** Of a workspace that there is; what is written must be committed. */
export function initGithub(
  { programFolder }: Pick<VerbContext, "programFolder">,
  folder: string,
): Answer {
  const { value: settings } = readManifest(
    "workspace",
    "fettle.yaml",
    readFileSync(join(folder, "fettle.yaml"), "utf8"),
  );
  if (settings === null) return refused("invalid", "fettle.yaml is not valid", "fettle validate");
  const wanted = githubFiles(programFolder, settings);
  if (!wanted.ok) return refused("usage", wanted.reason, wanted.hint);
  const written = writeGithub(folder, wanted.files);
  const secrets = Object.values(settings.secrets ?? {}).map(({ env }) => env);
  const text = [
    `${counted(written.length, "file")} written to .github: workflows, an action and the program`,
    "",
    "Next:",
    "  git add --force .github && git commit -m 'Run in GitHub Actions' && git push",
    ...secrets.map((name) => `  gh secret set ${name}   as far as agents need it`),
    "  Settings > Actions > General: let GitHub Actions create pull requests",
    "  fettle doctor   says when these files are stale",
    "",
  ].join("\n");
  return { exit: "ok", text, json: { folder, written } };
}
