import { globSync, readFileSync, statSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runContract } from "#runner/runtimes/contract.ts";
import type { RepositoryFile } from "#runner/runtimes/invocation.ts";
import { readManifest } from "#runner/schema/manifest.ts";

const ROOT = join(import.meta.dirname, "../..");
const workRoot = mkdtempSync(join(tmpdir(), "fettle-contract-"));
afterAll(() => rmSync(workRoot, { recursive: true, force: true }));

const agents = globSync("agents/*/agent.yaml", { cwd: ROOT })
  .map((path) => path.split("/")[1] ?? "")
  .toSorted();

function folderOf(agent: string): RepositoryFile[] {
  return globSync(`agents/${agent}/**/*`, { cwd: ROOT })
    .filter((path) => statSync(join(ROOT, path)).isFile())
    .map((path) => ({ path, content: readFileSync(join(ROOT, path)), executable: false }));
}

function read<Kind extends "agent" | "contract">(kind: Kind, path: string) {
  const { value, violations } = readManifest(kind, path, readFileSync(join(ROOT, path), "utf8"));
  if (value === null) throw new Error(`${path}: ${violations[0]?.message}`);
  return value;
}

describe.each(agents)("the agent %s", (name) => {
  const folder = folderOf(name);
  const cases = folder
    .map(({ path }) => path)
    .filter((path) => /\/contract\/[^/]+\.yaml$/.test(path));

  test("has at least two contract cases", () => {
    expect(cases.length).toBeGreaterThanOrEqual(2);
  });

  test.each(cases.map((path) => [read("contract", path)] as const))("$name", async (contract) => {
    const agent = {
      name,
      tree: "0".repeat(40),
      manifest: read("agent", `agents/${name}/agent.yaml`),
    };
    const options = {
      signal: new AbortController().signal,
      workRoot,
      programPath: "/usr/local/bin:/usr/bin:/bin",
    };

    const report = await runContract(contract, { agent, folder }, options);

    expect(report.problems).toEqual([]);
  });
});
