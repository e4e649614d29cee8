/**
 * Cuts the operations that fettle uses out of GitHub's official OpenAPI description, with everything that they refer to.
 *
 *     node test/contract/github/extract-subset.ts <api.github.com.json> <version of the description>
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, textOf, type Json, type JsonObject } from "./json.ts";

const OPERATIONS: ReadonlySet<string> = new Set([
  "actions/get-github-actions-default-workflow-permissions-repository",
  "actions/get-github-actions-permissions-repository",
  "issues/add-labels",
  "issues/create",
  "issues/create-comment",
  "issues/get",
  "issues/list-comments",
  "issues/list-for-repo",
  "issues/update",
  "issues/update-comment",
  "pulls/create",
  "pulls/create-review",
  "pulls/get",
  "pulls/list",
  "pulls/list-reviews",
  "pulls/merge",
  "pulls/update",
  "repos/create-commit-status",
  "repos/get",
  "repos/get-branch-rules",
  "repos/get-collaborator-permission-level",
  "repos/get-combined-status-for-ref",
  "users/get-authenticated",
]);

/** Words for people, and what only GitHub's own generators read. */
const LEFT_OUT: ReadonlySet<string> = new Set(["description", "externalDocs", "summary", "tags"]);

function methodsOf(item: JsonObject): JsonObject {
  const kept = Object.entries(item).filter(
    ([, operation]) => isObject(operation) && OPERATIONS.has(textOf(operation["operationId"])),
  );
  return Object.fromEntries(kept);
}

function lean(value: Json, isNames = false): Json {
  if (Array.isArray(value)) return value.map((entry) => lean(entry));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, entry]) => isNames || !(key.startsWith("x-") || isWords(key, entry)),
  );
  return Object.fromEntries(
    kept.map(([key, entry]) => [
      key,
      key === "example" || key === "value" ? entry : lean(entry, key === "properties"),
    ]),
  );
}

function isWords(key: string, entry: Json): boolean {
  return LEFT_OUT.has(key) && (typeof entry === "string" || key !== "description");
}

function referencesIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  const own = typeof value["$ref"] === "string" ? [value["$ref"]] : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

function at(whole: JsonObject, reference: string): Json {
  let found: Json = whole;
  for (const part of reference.slice(2).split("/"))
    found = isObject(found) ? (found[part] ?? null) : null;
  return found;
}

const [, , source = "", version = ""] = process.argv;
const text = readFileSync(source, "utf8");
const whole: Json = JSON.parse(text);
if (!isObject(whole) || !isObject(whole["paths"]) || !isObject(whole["info"])) {
  throw new Error(`${source} is not an OpenAPI description`);
}
const paths = Object.fromEntries(
  Object.entries(whole["paths"]).flatMap(([path, item]) => {
    const methods = isObject(item) ? methodsOf(item) : {};
    return Object.keys(methods).length === 0 ? [] : [[path, lean(methods)]];
  }),
);
const components: Record<string, Record<string, Json>> = {};
const waiting = [...referencesIn(paths)];
for (let reference = waiting.pop(); reference !== undefined; reference = waiting.pop()) {
  const [, , section = "", name = ""] = reference.split("/");
  const folder = (components[section] ??= {});
  if (name in folder) continue;
  const part = lean(at(whole, reference));
  folder[name] = part;
  waiting.push(...referencesIn(part));
}
const subset = {
  "x-origin": {
    what: "Operations that fettle uses, cut out of GitHub's REST API description; words for people are left out.",
    package: `@octokit/openapi@${version}`,
    file: "generated/api.github.com.json",
    sha256: createHash("sha256").update(text).digest("hex"),
    license: "MIT License, Copyright (c) 2020 Octokit contributors",
    madeBy: "test/contract/github/extract-subset.ts",
  },
  openapi: whole["openapi"] ?? "",
  info: { title: whole["info"]["title"] ?? "", version: whole["info"]["version"] ?? "" },
  paths,
  components,
};
writeFileSync(join(import.meta.dirname, "openapi.subset.json"), `${JSON.stringify(subset)}\n`);
