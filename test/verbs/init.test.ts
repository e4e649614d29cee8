import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { whyNotBundled } from "#runner/verbs/github-files.ts";
import { initVerb } from "#runner/verbs/init.ts";
import { sourceDigest } from "#runner/verbs/source-digest.ts";
import { makeFolder } from "../support/git-repo.ts";

test("Where the program that Actions need is not bundled nothing is made, and what makes it is said.", async () => {
  const start = makeFolder();
  const programFolder = makeFolder();
  const program = { command: "fettle", folder: null };
  const context = { start, programFolder, program };

  const answer = await initVerb(context, "company", { github: true });

  expect(answer.exit).toBe("usage");
  expect(answer.problem).toMatch(
    /^the program is not bundled here\n {2}npm --prefix .* run build /u,
  );
  expect(existsSync(join(start, "company"))).toBe(false);
});

test("A bundle of other sources than those beside it is not installed: it would be another program.", () => {
  const folder = makeFolder();
  mkdirSync(join(folder, "dist"));
  mkdirSync(join(folder, "runner"));
  for (const path of [
    "build.ts",
    "package.json",
    "package-lock.json",
    "runner/cli.ts",
    "dist/cli.mjs",
  ]) {
    writeFileSync(join(folder, path), path);
  }
  const meta = join(folder, "dist/meta.json");
  const unsaid = whyNotBundled(folder);
  writeFileSync(meta, JSON.stringify({ outputs: {}, sources: sourceDigest(folder) }));
  const current = whyNotBundled(folder);
  writeFileSync(join(folder, "runner/cli.ts"), "changed");
  const old = whyNotBundled(folder);
  rmSync(join(folder, "build.ts"));
  const installed = whyNotBundled(folder);

  expect([unsaid, old]).toEqual([OTHER, OTHER]);
  expect([current, installed]).toEqual([null, null]);
});

const OTHER = {
  reason: "the bundle in dist/ was made of other sources than those beside it",
  hint: expect.stringMatching(/^npm --prefix .* run build {3}makes it anew$/u),
};
