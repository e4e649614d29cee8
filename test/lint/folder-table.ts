/** The folder table of ARCHITECTURE.md. */
import { readFileSync } from "node:fs";

export interface Place {
  /** `core/`, or a file. */
  readonly name: string;
  /** `core/`, or a file; a place's own files are always allowed. */
  readonly values: ReadonlySet<string>;
  /** Of these only types. */
  readonly types: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

export function folderTable(): readonly Place[] {
  const text = readFileSync("ARCHITECTURE.md", "utf8");
  const section = text.split(/^## /mu).find((part) => part.startsWith("Folders")) ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => placeOf(line.split("|").map((cell) => cell.trim())));
}

function placeOf([, name = "", , imports = "", packages = ""]: readonly string[]): Place {
  const entries = [...imports.matchAll(/`(?<name>[^`]+)`(?<types> \(types\))?/gu)];
  const named = entries.map(({ groups }) => ({
    name: groups?.["name"] ?? "",
    isTypes: groups?.["types"] !== undefined,
  }));
  return {
    name: unquoted(name),
    values: new Set(named.filter(({ isTypes }) => !isTypes).map((entry) => entry.name)),
    types: new Set(named.filter(({ isTypes }) => isTypes).map((entry) => entry.name)),
    packages: new Set([...packages.matchAll(/`([^`]+)`/gu)].map(([, found = ""]) => found)),
  };
}

function unquoted(cell: string): string {
  return cell.replaceAll("`", "");
}
