/** Fields of a form as they are written on the command line. */
import { entryOf } from "#runner/core/entry.ts";
import type { Answer } from "./form.ts";
import type { AskForm, FormField } from "#runner/schema/types.gen.ts";

type Words =
  | { readonly ok: true; readonly values: Answer }
  | { readonly ok: false; readonly reason: string };

/** `field=value` pairs, each in its declared type where it has that form; nothing after the sign empties the field. */
export function fieldsFrom(form: AskForm, set: readonly string[]): Words {
  const values: Record<string, unknown> = {};
  for (const pair of set) {
    const at = pair.indexOf("=");
    if (at < 1) return { ok: false, reason: `--set takes field=value, not "${pair}"` };
    const name = pair.slice(0, at);
    values[name] = valueOf(entryOf(form.properties, name), pair.slice(at + 1));
  }
  return { ok: true, values };
}

/** What does not have the form of its type stays text, which the form then refuses. */
function valueOf(field: FormField | undefined, text: string): unknown {
  if (text === "" && field !== undefined) return null;
  if (field?.type !== "array") return entryOfType(field?.type ?? "string", text);
  const type = field.items?.type ?? "string";
  return text.split(",").map((entry) => entryOfType(type, entry.trim()));
}

function entryOfType(type: FormField["type"], text: string): unknown {
  switch (type) {
    case "string":
    case "array":
      return text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "integer":
    case "number":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  }
}
