/** Which paths main keeps in Git LFS: their blobs are pointers, and a file that is delivered there would stand beside them as what it is. */
import { attributePattern, matchesAttribute, type AttributePattern } from "./attribute-pattern.ts";

/** A `.gitattributes`; `folder` is empty at the top, else ends with `/`. */
export interface Attributes {
  readonly folder: string;
  readonly text: string;
}

/** The first of the paths that is kept in LFS, as gitattributes(5) reads the files: outer folders first, the last word counts. */
export function firstInLfs(
  files: readonly Attributes[],
  paths: readonly string[],
): string | undefined {
  const macros: Macros = new Map();
  const rules = files
    .toSorted((a, b) => a.folder.length - b.folder.length)
    .flatMap((file) => rulesOf(file, macros));
  return paths.find((path) => rules.findLast((rule) => applies(rule, path))?.isLfs === true);
}

/** The folders whose `.gitattributes` speak of the path. */
export function attributeFolders(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.reduce<readonly string[]>(
    (folders, part) => [...folders, `${folders.at(-1) ?? ""}${part}/`],
    [""],
  );
}

interface Rule {
  readonly folder: string;
  readonly pattern: AttributePattern;
  readonly isLfs: boolean;
}

const LINE = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^\s#]\S*))\s+(.+)$/;
const MACRO = "[attr]";

/** Names of attributes that stand for a filter, and whether that is the one of LFS. */
type Macros = Map<string, boolean>;

/** Only the file at the top may define macros; what is defined counts from there on. */
function rulesOf({ folder, text }: Attributes, macros: Macros): readonly Rule[] {
  return text.split(/\r?\n/).flatMap((line): readonly Rule[] => {
    const [, quoted, plain = "", attributes = ""] = LINE.exec(line) ?? [];
    const isLfs = filterOf(attributes.split(/\s+/), macros);
    if (isLfs === undefined) return [];
    if (plain.startsWith(MACRO)) {
      if (folder === "") macros.set(plain.slice(MACRO.length), isLfs);
      return [];
    }
    const pattern = attributePattern(quoted === undefined ? plain : unquoted(quoted));
    return pattern === null ? [] : [{ folder, pattern, isLfs }];
  });
}

/** Whether the last filter that is named is the one of LFS; undefined where none is named. */
function filterOf(attributes: readonly string[], macros: Macros): boolean | undefined {
  const verdicts = attributes.flatMap((attribute): readonly boolean[] => {
    if (/^[-!]?filter(?:=|$)/.test(attribute)) return [attribute === "filter=lfs"];
    const macro = macros.get(attribute);
    return macro === undefined ? [] : [macro];
  });
  return verdicts.at(-1);
}

/** As git quotes: `\\"`, `\\\\`, and bytes as three octal digits. */
function unquoted(text: string): string {
  const bytes: number[] = [];
  for (const [, escaped, plain] of text.matchAll(/\\([0-3][0-7]{2}|.)|([^\\]+)/gs)) {
    bytes.push(...(escaped === undefined ? encoder.encode(plain) : escapedBytes(escaped)));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

const encoder = new TextEncoder();
const LETTERS = "abfnrtv";
const CONTROLS = "\x07\b\f\n\r\t\v";

function escapedBytes(escaped: string): Uint8Array {
  if (escaped.length === 3) return Uint8Array.of(Number.parseInt(escaped, 8));
  const letter = LETTERS.indexOf(escaped);
  return encoder.encode(letter < 0 ? escaped : CONTROLS.charAt(letter));
}

function applies({ folder, pattern }: Rule, path: string): boolean {
  return path.startsWith(folder) && matchesAttribute(pattern, path.slice(folder.length));
}
