import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";

type Json = Readonly<Record<string, unknown>>;

interface Part {
  readonly at: string;
  readonly schema: Json;
}

const files = readdirSync("schemas").filter((file) => file.endsWith(".schema.json"));
const schemas = files.map((file): Json => JSON.parse(readFileSync(`schemas/${file}`, "utf8")));
const WRITTEN = /^(agent|common|contract|memory|pipeline|project|workspace)\./;
const parts = schemas.flatMap((schema) => partsOf(String(schema["$id"]), schema));
const writtenParts = parts.filter(({ at }) => WRITTEN.test(at));

/** Lists that others write may say more than is read. */
const OF_OTHERS = /^price-source\./;

test("every map that lists its keys is closed", () => {
  const open = parts.filter(
    ({ at, schema }) =>
      !OF_OTHERS.test(at) &&
      "properties" in schema &&
      schema["additionalProperties"] !== false &&
      !/\/(then|else|if)/.test(at),
  );

  expect(open.map(({ at }) => at)).toEqual([]);
});

test("every key that people write has words for the editor", () => {
  const silent = writtenParts.filter(({ at, schema }) => {
    const isKey = /\/properties\/[^/]+$/.test(at) && !/\/(then|else)\/properties\//.test(at);
    return isKey && !("description" in schema) && !("$ref" in schema);
  });

  expect(silent.map(({ at }) => at)).toEqual([]);
});

test("words for the values of an enumeration are as many as the values", () => {
  const counts = writtenParts.flatMap(({ at, schema }) => {
    const { enum: values, markdownEnumDescriptions: words } = schema;
    if (!Array.isArray(values) || !Array.isArray(words)) return [];
    return [{ at, isComplete: values.length === words.length }];
  });

  expect(counts.length).toBeGreaterThan(15);
  expect(counts.filter(({ isComplete }) => !isComplete)).toEqual([]);
});

test("a schema that wraps another says its type, or completion leaves out the colon", () => {
  const untyped = writtenParts.filter(({ schema }) => "allOf" in schema && !("type" in schema));

  expect(untyped.map(({ at }) => at)).toEqual([]);
});

/** `notify: [{ on: … }]` reads as it does in a workflow of GitHub; our parser and the editor's know YAML 1.2. */
const KNOWN_TRUTHS = new Set(["Notify.on"]);

test("no key is a word that YAML 1.1 takes for a truth value", () => {
  const keys = writtenParts.flatMap(({ schema }) =>
    Object.keys(Object(schema["properties"] ?? {})).filter(
      (key) => !KNOWN_TRUTHS.has(`${String(schema["title"])}.${key}`),
    ),
  );

  expect(keys.filter((key) => /^(on|off|yes|no|y|n|true|false)$/i.test(key))).toEqual([]);
});

test("what a snippet inserts is valid where it is offered", () => {
  const ajv = new Ajv({ strict: false, schemas: [...schemas] });
  const snippets = writtenParts.flatMap(({ at, schema }) => {
    const offered: unknown = schema["defaultSnippets"];
    return Array.isArray(offered) ? offered.map((snippet: Json) => ({ at, snippet })) : [];
  });

  const wrong = snippets.flatMap(({ at, snippet }) => {
    const validate = ajv.getSchema(at.endsWith("#") ? at.slice(0, -1) : at);
    const isValid = validate?.(inserted(snippet["body"])) === true;
    return isValid ? [] : [{ at, snippet: snippet["label"], errors: validate?.errors }];
  });

  expect(snippets.length).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});

/** What an editor writes: each placeholder with its default, or the first of its choices. */
function inserted(body: unknown): unknown {
  if (typeof body === "string") {
    const text = plain(body);
    return /^\$\{\d+[:|]/.test(body) && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  }
  if (Array.isArray(body)) return body.map(inserted);
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [plain(key), inserted(value)]),
  );
}

function plain(text: string): string {
  return text.replace(/\$\{\d+\|([^,|]*)[^}]*\|\}/g, "$1").replace(/\$\{\d+:([^{}]*)\}/g, "$1");
}

/** Every schema inside a schema file, with its JSON pointer. */
function partsOf(id: string, schema: unknown, pointer = "#"): readonly Part[] {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return [];
  const own: Json = { ...schema };
  const below = (key: string): readonly Part[] =>
    Object.entries(Object(own[key] ?? {})).flatMap(([name, part]) =>
      partsOf(id, part, `${pointer}/${key}/${name}`),
    );
  return [
    { at: `${id}${pointer}`, schema: own },
    ...["properties", "definitions", "allOf", "oneOf"].flatMap(below),
    ...["items", "additionalProperties", "then", "else"].flatMap((key) =>
      partsOf(id, own[key], `${pointer}/${key}`),
    ),
  ];
}
