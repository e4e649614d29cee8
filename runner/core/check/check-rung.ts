/** A rung of an agent's ladder against the workspace: models, files, fields of outputs. */
import { checkCommand } from "./check-command.ts";
import { type Found, nameHint, pointer } from "./check-finding.ts";
import type { SharedTypes } from "./check-scope.ts";
import { providersOf } from "#runner/core/coding-agent.ts";
import { entryOf } from "#runner/core/entry.ts";
import { fieldOf, valueTypeOf } from "#runner/core/expression/value-type.ts";
import type {
  Agent,
  CodingAgentRung,
  HttpCall,
  Rung,
  Workspace,
} from "#runner/schema/types.gen.ts";

export interface AgentSurroundings {
  /** null: fettle.yaml is missing or invalid, so its names are not known. */
  readonly settings: Workspace | null;
  /** Paths of all files. */
  readonly paths: ReadonlySet<string>;
  readonly shared: SharedTypes;
  /** Why a file of schemas/ is no schema; undefined when it is one. */
  readonly wrongShared: (file: string) => string | undefined;
}

interface Owner {
  readonly name: string;
  readonly agent: Agent;
  readonly around: AgentSurroundings;
}

type Path = readonly (string | number)[];

export function checkRung(path: Path, rung: Rung, owner: Owner): readonly Found[] {
  if ("command" in rung) {
    const models = (rung.models ?? []).flatMap((model, index) =>
      checkModel([...path, "models", index], model, owner.around.settings),
    );
    return [...models, ...checkCommand([...path, "command"], rung.command, owner.around.paths)];
  }
  if ("template" in rung) {
    const files = Object.entries(rung.template).flatMap(([field, file]) =>
      checkFile([...path, "template", field], file, owner),
    );
    return [...checkTemplate([...path, "template"], rung.template, owner), ...files];
  }
  if ("http" in rung) return checkHttp([...path, "http"], rung.http, owner);
  if ("container" in rung) return checkContainer([...path, "container"], owner.agent);
  const { prompt } = rung;
  const { settings } = owner.around;
  return [
    ...checkModel([...path, "model"], rung.model, settings),
    ...("codingAgent" in rung ? checkFormat([...path, "model"], rung, settings) : []),
    ...(prompt === undefined ? [] : checkFile([...path, "prompt"], prompt, owner)),
  ];
}

/** A coding agent speaks the format of one provider. */
function checkFormat(
  path: Path,
  { codingAgent, model }: CodingAgentRung,
  settings: Workspace | null,
): readonly Found[] {
  const { provider } = entryOf(settings?.models, model) ?? {};
  const spoken = providersOf(codingAgent);
  if (provider === undefined || spoken.includes(provider)) return [];
  const message = `${codingAgent} cannot ask model ${model}: its provider is ${provider}`;
  const hint = `name a model of provider ${spoken.join(" or ")}`;
  return [{ code: "agent/model-format", pointer: pointer(...path), message, hint }];
}

/** What the runner says in headers itself. */
const OWN_HEADERS: Readonly<Record<string, string>> = {
  authorization: "name a secret instead: secret",
  connection: "leave it out",
  "content-length": "leave it out",
  "content-type": "leave it out: it is application/json",
  host: "leave it out: it follows from the url",
  "idempotency-key": "leave it out: it is the key of the effect",
  "transfer-encoding": "leave it out",
};

function checkHttp(
  path: Path,
  { secret, headers = {} }: HttpCall,
  { agent }: Owner,
): readonly Found[] {
  const own = Object.keys(headers).flatMap((name): readonly Found[] => {
    const hint = entryOf(OWN_HEADERS, name.toLowerCase());
    if (hint === undefined) return [];
    const message = `the header ${name} is the runner's own`;
    const at = pointer(...path, "headers", name);
    return [{ code: "agent/header", pointer: at, part: "key", message, hint }];
  });
  if (secret === undefined || agent.secrets?.includes(secret) === true) return own;
  const message = `${secret} is not among the secrets of the agent`;
  const hint = `write secrets: [${secret}]`;
  return [...own, { code: "agent/secret", pointer: pointer(...path, "secret"), message, hint }];
}

/** A container is given no network: what needs one would fail each time. */
function checkContainer(path: Path, { effects, network = [] }: Agent): readonly Found[] {
  const needs =
    effects === "external" ? "effects: external" : network.length > 0 ? "network" : undefined;
  if (needs === undefined) return [];
  const message = `a container has no network, and the agent has ${needs}`;
  const hint = "make what needs the network an agent with a command";
  return [{ code: "agent/container", pointer: pointer(...path), part: "key", message, hint }];
}

function checkModel(path: Path, model: string, settings: Workspace | null): readonly Found[] {
  if (settings === null || Object.hasOwn(settings.models ?? {}, model)) return [];
  const hint = nameHint(model, Object.keys(settings.models ?? {}));
  return [
    {
      code: "ref/model",
      pointer: pointer(...path),
      message: `fettle.yaml has no model ${model}`,
      hint,
    },
  ];
}

function checkFile(path: Path, file: string, { name, around }: Owner): readonly Found[] {
  const folder = `agents/${name}/`;
  if (around.paths.has(`${folder}${file}`)) return [];
  const own = [...around.paths]
    .filter((one) => one.startsWith(folder))
    .map((one) => one.slice(folder.length));
  const hint = nameHint(
    file,
    own.filter((one) => /\.(md|hbs)$/.test(one)),
  );
  return [
    {
      code: "ref/file",
      pointer: pointer(...path),
      message: `there is no file ${folder}${file}`,
      hint,
    },
  ];
}

/** Every rung gives the same outputs, so a template has a file for each that is required, and for no other. */
function checkTemplate(
  path: Path,
  template: Readonly<Record<string, string>>,
  owner: Owner,
): readonly Found[] {
  const outputs = valueTypeOf(owner.agent.outputs, owner.around.shared);
  if (outputs.kind !== "object") return [];
  const missing = Object.entries(outputs.fields)
    .filter(([field, { optional }]) => !optional && !Object.hasOwn(template, field))
    .map(([field]): Found => ({
      code: "agent/template-field",
      pointer: pointer(...path),
      part: "key",
      message: `the template has no file for the required output ${field}`,
    }));
  const unknown = Object.keys(template)
    .filter((field) => !outputs.open && fieldOf(outputs, field) === undefined)
    .map((field): Found => ({
      code: "agent/template-field",
      pointer: pointer(...path, field),
      part: "key",
      message: `the agent has no output ${field}`,
      hint: nameHint(field, Object.keys(outputs.fields)),
    }));
  return [...missing, ...unknown];
}
