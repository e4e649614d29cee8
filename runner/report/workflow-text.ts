/** The workflows with what this workspace needs in them. */
import { lookCron } from "#runner/core/time/look-schedule.ts";
import type { Workspace } from "#runner/schema/types.gen.ts";

const LOOKS = /^( *- cron: ).*$/mu;
const MARKER = /^( *)# lane secrets\n/mu;
/** What GitHub takes as the name of a secret. */
const NAME = /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/iu;

/** A lane is given a secret only where its steps need it: the others stay empty. */
export function workflowText(
  template: string,
  { secrets = {}, actions = {} }: Pick<Workspace, "secrets" | "actions">,
): string {
  const looking = template.replace(LOOKS, (_, key: string) => `${key}"${lookCron(actions)}"`);
  return looking.replace(MARKER, (_, indent: string) =>
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
