import { expect, test } from "vitest";
import { gatedBy, unfitName } from "#runner/core/gate/gated-path.ts";

test.each([
  ".github/workflows/x.yml",
  ".GitHub/x",
  "a/.gitattributes",
  ".gitmodules",
  ".git/config",
  "runner/cli.ts",
  "RUNNER/cli.ts",
  "bin/fettle.mjs",
  "prices/models.json",
  "schemas/a.json",
  "agents/a/agent.yaml",
  "fettle.yaml",
  "projects/a/project.yaml",
  "projects/a/pipelines/b.yaml",
  "memory/org/decisions/g/decision.md",
  "package.json",
  "projects/a/package-lock.json",
  ".npmrc",
  ".env.local",
  "docs/CODEOWNERS",
])("%s is closed to agents", (path) => {
  expect(gatedBy(path)).toBeDefined();
});

test.each([
  "projects/a/briefs/2026-W47.md",
  "projects/a/fettle.yaml.md",
  "notes/runner.md",
  "git.md",
  "env",
])("%s is open", (path) => {
  expect(gatedBy(path)).toBeUndefined();
  expect(unfitName(path)).toBeUndefined();
});

test.each([
  "/etc/passwd",
  "../x",
  "a/../../x",
  "a//b",
  "a/",
  "C:\\x",
  "a/./b",
  "nul. ",
  "a\nb",
  "GIT~1/x",
  "x".repeat(501),
  "",
])("%j is no fit name", (path) => {
  expect(unfitName(path)).toBeDefined();
});
