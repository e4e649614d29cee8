/** The `template` rung: one Handlebars file an output field; needs no model. */
import type { TemplateRung } from "#runner/schema/types.gen.ts";
import type { Invocation } from "./invocation.ts";
import { parseAgentJson } from "./agent-json.ts";
import { renderProse } from "./prose.ts";
import {
  agentFile,
  agentPath,
  failed,
  fieldSchema,
  proseData,
  type RungCall,
  type RungResult,
  succeeded,
} from "./rung-result.ts";

type Field =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

/** Renders every field over `{inputs, memory, asOf, project}`; fields that are no strings are read as JSON. */
export function runTemplate({ template }: TemplateRung, { invocation }: RungCall): RungResult {
  const outputs: [string, unknown][] = [];
  for (const [field, file] of Object.entries(template)) {
    const rendered = renderField(invocation, field, file);
    if (!rendered.ok) {
      return failed("schema-invalid", `${agentPath(invocation.agent, file)}: ${rendered.reason}`);
    }
    outputs.push([field, rendered.value]);
  }
  return succeeded(Object.fromEntries(outputs));
}

function renderField(invocation: Invocation, field: string, file: string): Field {
  const source = agentFile(invocation, file);
  if (source === undefined) return { ok: false, reason: "there is no such file" };
  const prose = renderProse(source, proseData(invocation));
  if (!prose.ok) return prose;
  const text = prose.text.replace(/\r?\n$/, "");
  return isText(fieldSchema(invocation.agent.manifest, field))
    ? { ok: true, value: text }
    : parsed(text, field);
}

function isText({ type = "string" }: Readonly<Record<string, unknown>>): boolean {
  return type === "string" || (Array.isArray(type) && type.includes("string"));
}

function parsed(text: string, field: string): Field {
  try {
    return { ok: true, value: parseAgentJson(text) };
  } catch {
    return { ok: false, reason: `the field ${field} is no text, and what was rendered is no JSON` };
  }
}
