/** Holds every exchange with a forge against GitHub's official OpenAPI description. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { isObject, textOf, type Json, type JsonObject } from "./json.ts";

export interface Exchange {
  readonly method: string;
  /** Path below the API's root, with the query. */
  readonly url: string;
  readonly sent: Json | undefined;
  readonly status: number;
  readonly answered: Json | undefined;
}

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly query: ReadonlyMap<string, { readonly schema: Json; readonly isRequired: boolean }>;
  readonly body: Json | undefined;
  readonly isBodyRequired: boolean;
  readonly responses: ReadonlyMap<string, JsonObject>;
}

/** An operation with what its path names. */
export interface Route {
  readonly id: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export class Referee {
  /** What was not as GitHub describes it: sentences. */
  readonly violations: string[] = [];
  /** Operations that were seen, with the statuses that they were answered with. */
  readonly seen = new Map<string, Set<number>>();
  readonly #description: JsonObject;
  readonly #operations: readonly Operation[];
  readonly #ajv = new Ajv({
    strict: false,
    allErrors: true,
    validateFormats: false,
    logger: false,
  });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor() {
    this.#description = readDescription();
    this.#operations = operationsOf(this.#description);
    const schemas = at(this.#description, ["components", "schemas"]);
    this.#ajv.addSchema({ $id: "github", $defs: isObject(schemas) ? draftOf(schemas, true) : {} });
  }

  route(method: string, path: string): Route | undefined {
    return this.#match(method, path)?.route;
  }

  /** The body of an official example, by the operation that answers with it. */
  example(operation: string, status: string): Json {
    const found = this.#operations.find(({ id }) => id === operation);
    const examples = at(found?.responses.get(status) ?? null, [
      "content",
      "application/json",
      "examples",
    ]);
    const [first] = isObject(examples) ? Object.values(examples) : [];
    let value = at(this.#deref(first ?? null), ["value"]);
    // An example may stand for another one.
    while (this.#deref(value) !== value) value = at(this.#deref(value), ["value"]);
    if (value === null) throw new Error(`${operation} ${status} has no example`);
    return value;
  }

  judge(exchange: Exchange): void {
    const { method, url, status } = exchange;
    const { pathname, searchParams } = new URL(url, "http://api.invalid");
    const matched = this.#match(method, pathname);
    if (matched === undefined) {
      this.violations.push(`${method} ${pathname}: no such operation in the description`);
      return;
    }
    const { operation } = matched;
    const statuses = this.seen.get(operation.id) ?? new Set();
    this.seen.set(operation.id, statuses.add(status));
    const told = [
      ...this.#query(operation, searchParams),
      ...this.#request(operation, exchange.sent),
      ...this.#response(operation, exchange),
    ];
    this.violations.push(...told.map((what) => `${operation.id} ${status}: ${what}`));
  }

  #match(method: string, path: string): { operation: Operation; route: Route } | undefined {
    for (const operation of this.#operations) {
      const found = operation.method === method ? operation.pattern.exec(path) : null;
      if (found === null) continue;
      const values = operation.names.map((name, index) => [
        name,
        decodeURIComponent(found[index + 1] ?? ""),
      ]);
      return { operation, route: { id: operation.id, parameters: Object.fromEntries(values) } };
    }
    return undefined;
  }

  #query({ id, query }: Operation, given: URLSearchParams): readonly string[] {
    const unknown = [...given.keys()].filter((name) => !query.has(name));
    const wrong = [...query].flatMap(([name, { schema, isRequired }]) => {
      const text = given.get(name);
      if (text === null) return isRequired ? [`query ${name} is missing`] : [];
      const isNumber = at(schema, ["type"]) === "integer" && /^\d+$/u.test(text);
      return this.#check(`${id}?${name}`, schema, isNumber ? Number(text) : text);
    });
    return [...unknown.map((name) => `unknown query ${name}`), ...wrong];
  }

  #request({ id, body, isBodyRequired }: Operation, sent: Json | undefined): readonly string[] {
    if (sent === undefined) return isBodyRequired ? ["the request has no body"] : [];
    if (body === undefined) return ["the request has a body"];
    // GitHub says nothing of a key that it does not know; a slip of the pen must not pass here.
    const known = new Set(this.#keysOf(body));
    const unknown = isObject(sent) ? Object.keys(sent).filter((key) => !known.has(key)) : [];
    return [
      ...unknown.map((key) => `unknown key ${key} in the request`),
      ...this.#check(`${id}<`, body, sent).map((what) => `request ${what}`),
    ];
  }

  #response({ id, responses }: Operation, { status, answered }: Exchange): readonly string[] {
    const response = responses.get(String(status));
    if (response === undefined) return [`documented are ${[...responses.keys()].join(", ")}`];
    const schema = at(response, ["content", "application/json", "schema"]);
    if (schema === null) return answered === undefined ? [] : ["an answer without a body has one"];
    return this.#check(`${id}>${status}`, schema, answered ?? null).map((what) => `answer ${what}`);
  }

  #check(name: string, schema: Json, value: Json): readonly string[] {
    const draft = draftOf(schema);
    const validate = this.#validators.get(name) ?? this.#ajv.compile(isObject(draft) ? draft : {});
    this.#validators.set(name, validate);
    if (validate(value)) return [];
    return (validate.errors ?? [])
      .slice(0, 5)
      .map(({ instancePath, message }) => `${instancePath || "/"} ${message ?? ""}`);
  }

  #keysOf(schema: Json): readonly string[] {
    const whole = this.#deref(schema);
    if (!isObject(whole)) return [];
    const parts = ["oneOf", "anyOf", "allOf"].flatMap((key) => {
      const list = whole[key];
      return Array.isArray(list) ? list : [];
    });
    const own = isObject(whole["properties"]) ? Object.keys(whole["properties"]) : [];
    return [...own, ...parts.flatMap((part: Json) => this.#keysOf(part))];
  }

  #deref(value: Json): Json {
    return derefIn(this.#description, value);
  }
}

function readDescription(): JsonObject {
  const text = readFileSync(join(import.meta.dirname, "openapi.subset.json"), "utf8");
  const parsed: unknown = JSON.parse(text);
  if (!isObject(parsed)) throw new Error("the description is not an object");
  return parsed;
}

function at(value: Json, path: readonly string[]): Json {
  let found = value;
  for (const key of path) found = isObject(found) ? (found[key] ?? null) : null;
  return found;
}

function derefIn(description: JsonObject, value: Json): Json {
  const reference = isObject(value) ? value["$ref"] : undefined;
  return typeof reference === "string" ? at(description, reference.slice(2).split("/")) : value;
}

function operationsOf(description: JsonObject): readonly Operation[] {
  const paths = description["paths"];
  if (!isObject(paths)) throw new Error("the description has no paths");
  return Object.entries(paths)
    .flatMap(([path, item]) =>
      Object.entries(isObject(item) ? item : {}).map(([method, operation]) =>
        operationOf(description, { path, method, operation: isObject(operation) ? operation : {} }),
      ),
    )
    .toSorted((a, b) => a.names.length - b.names.length);
}

interface Described {
  readonly path: string;
  readonly method: string;
  readonly operation: JsonObject;
}

function operationOf(description: JsonObject, { path, method, operation }: Described): Operation {
  const names = [...path.matchAll(/\{([^}]+)\}/gu)].map(([, name = ""]) => name);
  const parameters = operation["parameters"];
  const listed = (Array.isArray(parameters) ? parameters : []).map((parameter: Json) =>
    derefIn(description, parameter),
  );
  const query = listed
    .filter((parameter) => at(parameter, ["in"]) === "query")
    .map((parameter) => {
      const isRequired = at(parameter, ["required"]) === true;
      return [
        textOf(at(parameter, ["name"])),
        { schema: at(parameter, ["schema"]), isRequired },
      ] as const;
    });
  const requestBody = derefIn(description, operation["requestBody"] ?? null);
  const body = at(requestBody, ["content", "application/json", "schema"]);
  const responses = isObject(operation["responses"]) ? operation["responses"] : {};
  return {
    id: textOf(operation["operationId"]),
    method: method.toUpperCase(),
    // The name of a branch may hold slashes.
    pattern: new RegExp(
      `^${path.replaceAll(/\{[^}]+\}/gu, (name) => (name === "{branch}" ? "(.+)" : "([^/]+)"))}$`,
      "u",
    ),
    names,
    query: new Map(query),
    body: body ?? undefined,
    isBodyRequired: at(requestBody, ["required"]) === true,
    responses: new Map(
      Object.entries(responses).map(([status, response]) => {
        const whole = derefIn(description, response);
        return [status, isObject(whole) ? whole : {}];
      }),
    ),
  };
}

/** OpenAPI 3.0 as JSON Schema: `nullable`, and references to where the validator keeps the schemas. */
function draftOf(schema: Json, isNames = false): Json {
  if (Array.isArray(schema)) return schema.map((part: Json) => draftOf(part));
  if (!isObject(schema)) return schema;
  if (isNames) {
    return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, draftOf(part)]));
  }
  const { nullable, example: _, examples: __, discriminator: ___, ...rest } = schema;
  const draft = Object.fromEntries(
    Object.entries(rest).map(([key, part]) => [key, partOf(key, part)]),
  );
  if (nullable !== true) return draft;
  return { anyOf: [draft, { type: "null" }] };
}

function partOf(key: string, part: Json): Json {
  if (key === "$ref" && typeof part === "string") {
    return part.replace("#/components/schemas/", "github#/$defs/");
  }
  if (key === "enum" || key === "default" || key === "const") return part;
  return draftOf(part, key === "properties");
}
