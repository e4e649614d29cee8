/** Whose word counts: the people that fettle.yaml on main names as operators. */
import type { Workspace as Settings } from "#runner/schema/types.gen.ts";

type Named = Pick<Settings, "operators">;

/** Their e-mails. */
export function operatorsOf({ operators }: Named): readonly string[] {
  return operators.map(({ email }) => email);
}

export function isByOperator(settings: Named, { by }: { readonly by: string }): boolean {
  return operatorsOf(settings).includes(by);
}
