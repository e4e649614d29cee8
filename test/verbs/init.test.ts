import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { initVerb } from "#runner/verbs/init.ts";
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
