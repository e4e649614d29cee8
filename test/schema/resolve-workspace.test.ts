import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { readManifest } from "#runner/schema/manifest.ts";
import { manifestAt } from "#runner/schema/paths.ts";
import { resolveWorkspace } from "#runner/schema/resolve-workspace.ts";
import { goodFiles, resolveFiles, spell } from "../support/fixture-workspace.ts";

const PROJECT = "apiVersion: fettle/v1\nsummary: Another one.\n";
const PIPELINE =
  "apiVersion: fettle/v1\nsteps: [{ id: find, agent: ledger, with: { folder: x } }]\n";

test("the studio of this repository is valid, without a warning", () => {
  const paths = globSync(
    ["fettle.yaml", "projects/**", "agents/**", "memory/**", "schemas/*.json"],
    {
      withFileTypes: true,
    },
  )
    .filter((entry) => entry.isFile())
    .map((entry) => relative(".", join(entry.parentPath, entry.name)));

  const resolved = resolveWorkspace({ paths, textOf: (path) => readFileSync(path, "utf8") });

  expect(resolved.violations.map(spell)).toEqual([]);
  expect(resolved.projects.size).toBeGreaterThanOrEqual(3);
});

test("an error in one project does not stall another", () => {
  const resolved = resolveFiles({
    "projects/other/project.yaml": PROJECT,
    "projects/other/pipelines/look.yaml": PIPELINE.replace("agent: ledger", "agent: ledgr"),
  });

  expect([...resolved.projects.keys()]).toEqual(["studio"]);
  expect([...resolved.stalled]).toMatchObject([["other", { code: "ref/agent" }]]);
});

test("an error in an agent stalls the projects that use it, and no other", () => {
  const resolved = resolveFiles({
    "projects/other/project.yaml": PROJECT,
    "projects/other/pipelines/look.yaml": PIPELINE,
    "agents/mailer/agent.yaml": "apiVersion: fettle/v1\n",
  });

  expect([...resolved.projects.keys()]).toEqual(["other"]);
  expect([...resolved.stalled.keys()]).toEqual(["studio"]);
});

test("an invalid agent is not called missing, and nothing is said of what it would give", () => {
  const { violations, unreadable } = resolveFiles({ "agents/ledger/agent.yaml": "version: [" });

  expect(violations.map(({ code }) => code)).toEqual(["yaml/syntax"]);
  expect(unreadable).toEqual(["agents/ledger/agent.yaml"]);
});

const REFERS = readFileSync("test/schema/fixtures/bad/schema-file.agent.txt", "utf8");
const OBJECT = '{ "type": "object" }';

test.each([
  ["is one", { text: OBJECT }, []],
  ["is no JSON", { text: "{" }, ["schemas/text.schema.json is not a JSON object"]],
  [
    "is no schema",
    { text: '{ "type": "objekt" }' },
    ['schemas/text.schema.json: /type "objekt" is not one of '],
  ],
  [
    "is of no object",
    { text: '{ "type": "string" }' },
    ["schemas/text.schema.json: must describe an object: type: object"],
  ],
  [
    "refers to one that is not there",
    { text: '{ "$ref": "other.schema.json" }' },
    ["schemas/text.schema.json: schemas/ has no other.schema.json"],
  ],
  [
    "refers to one that is none",
    {
      text: '{ "$ref": "other.schema.json" }',
      other: '{ "type": "object", "properties": { "name": { "pattern": "(?=a)" } } }',
    },
    ["schemas/other.schema.json: /properties/name/pattern "],
  ],
  [
    "refers to itself through another",
    { text: '{ "$ref": "other.schema.json" }', other: '{ "$ref": "text.schema.json" }' },
    [],
  ],
])("a shared schema that %s", (_, shared, messages) => {
  const files = Object.entries(shared).map(([name, text]) => [`schemas/${name}.schema.json`, text]);

  const { violations, stalled } = resolveFiles({
    "agents/writer/agent.yaml": REFERS,
    ...Object.fromEntries(files),
  });

  const at = { code: "ref/schema", file: "agents/writer/agent.yaml", line: 17 };
  expect(violations.filter(({ code }) => code === at.code)).toMatchObject(
    messages.map((message) => ({ ...at, message: expect.stringContaining(message) })),
  );
  expect(stalled.get("studio")?.code === at.code).toBe(messages.length > 0);
});

test("without fettle.yaml everything is stalled, and nothing counts as deleted", () => {
  const { violations, stalled, settings } = resolveFiles({ "fettle.yaml": null });

  expect(violations.map(({ code }) => code)).toEqual(["path/workspace"]);
  expect([...stalled.keys()]).toEqual(["studio"]);
  expect(settings).toBeNull();
});

test("pipelines without their project, and files with another ending, are found", () => {
  const { violations } = resolveFiles({
    "projects/lost/pipelines/look.yaml": PIPELINE,
    "projects/other/project.yml": PROJECT,
  });

  expect(violations.map(({ code, file }) => `${code} ${file}`)).toEqual([
    "path/project projects/lost/pipelines/look.yaml",
    "path/name projects/other/project.yml",
  ]);
});

test("results that went through JSON give the same workspace", () => {
  const files = goodFiles();
  const kept = new Map(
    [...files].map(([path, text]) => {
      const place = manifestAt(path);
      if (place === undefined || place.kind === "misplaced") return [path, undefined];
      return [path, JSON.parse(JSON.stringify(readManifest(place.kind, path, text)))];
    }),
  );

  const read = resolveWorkspace({
    paths: [...files.keys()],
    textOf: (path) => files.get(path) ?? "",
  });
  const known = resolveWorkspace({
    paths: [...files.keys()],
    textOf: () => "never asked",
    known: (path) => kept.get(path),
  });

  expect(known).toEqual(read);
});

test("two agents cannot have had one name", () => {
  const agent = goodFiles().get("agents/logger/agent.yaml") ?? "";
  const renamed = agent.replace("role:", "previousNames: [scribe]\nrole:");

  const { violations } = resolveFiles({
    "agents/logger/agent.yaml": renamed,
    "agents/second/agent.yaml": renamed,
  });

  expect(violations.map(spell)).toEqual([
    "name/previous agents/second/agent.yaml:3:17 agent logger was called scribe too",
  ]);
});

test("pipelines of a project that write one path are warned of", () => {
  const log =
    "apiVersion: fettle/v1\nsteps:\n  - id: log\n    agent: logger\n    with: { folder: projects/studio, sent: [] }\n";

  const { violations, projects } = resolveFiles({ "projects/studio/pipelines/log.yaml": log });

  expect(violations.map(({ severity, code, file }) => `${severity} ${code} ${file}`)).toEqual([
    "warning path/overlap projects/studio/pipelines/log.yaml",
  ]);
  expect(projects.has("studio")).toBe(true);
});

test("a key made of what an approved item's model wrote is refused, even behind a gate", () => {
  const pipeline = goodFiles().get("projects/studio/pipelines/chase.yaml") ?? "";
  const withKey = (key: string): readonly string[] =>
    resolveFiles({
      "projects/studio/pipelines/chase.yaml": pipeline.replace("mail/${{ item.key }}", key),
    }).violations.map(({ code }) => code);

  expect(withKey("${{ item.input.number }}")).toEqual([]);
  expect(withKey("${{ steps.find.outputs.note }}/${{ item.key }}")).toEqual([]);
  expect(withKey("${{ item.outputs.text }}")).toEqual(["effect/model-key"]);
  expect(withKey("${{ first(steps.review.approved.mails).outputs.text }}/${{ item.key }}")).toEqual(
    ["effect/model-key"],
  );
});
