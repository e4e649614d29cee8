/** The files of a gate branch that people read and edit. */
import type { GateWord } from "#runner/core/model.ts";
import { parseDocument, stringify } from "yaml";
import { readAnswerFile } from "./answer-file.ts";
import { frontMatter } from "./manifest.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { GateRecord } from "./types.gen.ts";

export type ItemFile =
  | { readonly ok: true; readonly outputs: unknown }
  | { readonly ok: false; readonly reason: string };

const HEADER = `# Edit "outputs" to change what is approved; delete this file to refuse this item.
# "key" and "input" are for information: changes to them have no effect.
`;

interface ItemContent {
  readonly key: string | null;
  readonly input?: unknown;
  readonly outputs: unknown;
}

/** One item as YAML; `about` is the file that holds what is really decided, where that is another one. */
export function renderItemFile(item: ItemContent, about?: string): string {
  const header =
    about === undefined
      ? HEADER
      : `# For information: what is approved stands in ${about}, and may be changed there.\n`;
  return header + stringify(item, { lineWidth: 100, blockQuote: "literal" });
}

/** What stands in a file of the gate. */
export function readShownFile({ asks }: Pick<GateRecord, "asks">, text: string): ItemFile {
  return asks === undefined ? readItemFile(text) : readAnswerFile(text);
}

/** The outputs that stand in an item file. */
export function readItemFile(text: string): ItemFile {
  const document = parseDocument(text, { schema: "core", uniqueKeys: false });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) return { ok: false, reason: error.message.split("\n")[0] ?? "not YAML" };
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  if (typeof value !== "object" || value === null || !("outputs" in value)) {
    return { ok: false, reason: "`outputs` is missing" };
  }
  return { ok: true, outputs: value.outputs };
}

/** What the front matter of a decision record says; fields that cannot be read are empty. */
export function readDecision(text: string): GateWord {
  const parsed = parseYaml(frontMatter(text)?.yaml ?? "");
  const fields = new Map(
    parsed.ok && typeof parsed.value === "object" && parsed.value !== null
      ? Object.entries(parsed.value).map(([name, value]): [string, string] => [name, String(value)])
      : [],
  );
  return {
    decision: fields.get("decision") ?? "",
    note: fields.get("note") ?? "",
    planDigest: fields.get("planDigest") ?? "",
  };
}

/** The decision record with the word that rejects. */
export function rejected(text: string): string {
  return text.replace(/^decision:.*$/mu, "decision: rejected");
}
