/** The workflows with what this workspace needs in them. */
import type { Workspace } from "#runner/schema/types.gen.ts";

const MARKER = /^( *)# lane secrets\n/mu;
/** What GitHub takes as the name of a secret. */
const NAME = /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/iu;

/** A lane is given a secret only where its steps need it: the others stay empty. */
export function workflowText(
  template: string,
  { secrets = {} }: Pick<Workspace, "secrets">,
): string {
  return template.replace(MARKER, (_, indent: string) =>
    Object.entries(secrets)
      .filter(([, { env }]) => NAME.test(env))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { env }]) => {
        const isNeeded = `contains(matrix.secrets, '${name}')`;
        return `${indent}${env}: \${{ ${isNeeded} && secrets.${env} || '' }}\n`;
      })
      .join(""),
  );
}

/** Secrets whose variable GitHub has no secret for. */
export function unfitSecrets({ secrets = {} }: Pick<Workspace, "secrets">): readonly string[] {
  return Object.entries(secrets).flatMap(([name, { env }]) => (NAME.test(env) ? [] : [name]));
}
