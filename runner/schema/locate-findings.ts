/** Cross checks speak of JSON pointers; people need lines and columns. */
import type { Finding } from "#runner/core/check/check-finding.ts";
import { type Locate, parseYaml } from "./parse-yaml.ts";
import { FIRST_CHARACTER, type WorkspaceViolation } from "./violation.ts";

/** `textOf` gives the text that the findings were made from; it is asked once a file. */
export function locateFindings(
  findings: readonly Finding[],
  textOf: (file: string) => string,
): readonly WorkspaceViolation[] {
  const locators = new Map<string, Locate>();
  return findings.map(({ pointer, part, span, ...violation }) => {
    const locate = locators.get(violation.file) ?? locatorOf(textOf(violation.file));
    locators.set(violation.file, locate);
    return { ...violation, ...locate(pointer, part, span) };
  });
}

function locatorOf(text: string): Locate {
  const parsed = parseYaml(text);
  return parsed.ok ? parsed.locate : () => FIRST_CHARACTER;
}
