import { globSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { badFiles, goodFiles, resolveWith } from "../support/fixture-workspace.ts";
import { YamlLanguageServer } from "../support/yaml-language-server.ts";

/** What no JSON Schema can say, or what the server's YAML accepts on purpose. */
const KNOWN_TO_VALIDATE_ONLY = new Set([
  "yaml/alias",
  "yaml/anchor",
  "yaml/binary",
  "yaml/control-character",
  "yaml/directive",
  "yaml/empty",
  "yaml/merge-key",
  "yaml/number",
  "yaml/reserved-key",
  "yaml/second-document",
  "yaml/tag",
  "schema/agent-pattern",
  "schema/agent-type",
]);
const KINDS = ["workspace", "project", "pipeline", "agent", "contract"];
/** Paths of the examples, as the snippets for editors give them. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  workspace: ["fettle.yaml"],
  project: ["projects/*/project.yaml"],
  pipeline: ["projects/*/pipelines/*.yaml"],
  agent: ["agents/*/agent.yaml"],
  contract: ["agents/*/contract/*.yaml"],
};

let server: YamlLanguageServer;

beforeAll(async () => {
  server = await YamlLanguageServer.start(
    Object.fromEntries(
      KINDS.map((kind) => [
        `schemas/${kind}.schema.json`,
        [
          `*.${kind}.yaml`,
          ...(PLACES[kind] ?? []).map((place) => `test/schema/fixtures/base/${place}`),
        ],
      ]),
    ),
  );
});

afterAll(() => {
  server.stop();
});

test("the editor finds nothing in any example", async () => {
  const examples = globSync(Object.values(PLACES).flat()).map(
    (path) => [path, readFileSync(path, "utf8")] as const,
  );
  const base = [...goodFiles()]
    .filter(([path]) => path.endsWith(".yaml"))
    .map(([path, text]) => [`test/schema/fixtures/base/${path}`, text] as const);

  const found = await Promise.all(
    [...examples, ...base].map(async ([path, text]) => [path, await server.diagnose(path, text)]),
  );

  expect(found.filter(([, diagnostics]) => diagnostics?.length !== 0)).toEqual([]);
});

test("the editor marks the line that validate names, for all that a schema can know", async () => {
  const rows = badFiles().flatMap((bad) => {
    const [first] = resolveWith(bad).violations;
    const isShared = first !== undefined && /^(yaml|schema)\//.test(first.code);
    if (!isShared || bad.kind === "memory" || KNOWN_TO_VALIDATE_ONLY.has(first.code)) return [];
    return [{ ...bad, line: first.line }];
  });

  const marked = await Promise.all(
    rows.map(async ({ name, text, line }) => {
      const diagnostics = await server.diagnose(name.replace(/txt$/, "yaml"), text);
      return {
        name,
        line,
        isMarked: diagnostics.some(({ range }) => range.start.line + 1 === line),
      };
    }),
  );

  expect(marked.length).toBeGreaterThan(35);
  expect(marked.filter(({ isMarked }) => !isMarked)).toEqual([]);
});

test("completion offers the keys of a step, each with its words", async () => {
  const path = "completion.pipeline.yaml";
  const text = "apiVersion: fettle/v1\nsteps:\n  - id: find\n    agent: ledger\n    \n";
  await server.diagnose(path, text);

  const offered = await server.complete(path, { line: 4, character: 4 });

  const byLabel = new Map(offered.map((item) => [item.label, item]));
  expect([...byLabel.keys()]).toEqual(
    expect.arrayContaining(["forEach", "itemKey", "once", "with"]),
  );
  expect(JSON.stringify(byLabel.get("onItemFailure"))).toContain("degraded");
});
