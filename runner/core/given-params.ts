/** Parameters as they are written on the command line. */
import { entryOf } from "./entry.ts";
import { readParam } from "./param.ts";
import type { Param } from "#runner/schema/types.gen.ts";

export type Given =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly reason: string };

/** `name=value` pairs, each in its declared type. */
export function givenParams(
  declared: Readonly<Record<string, Param>>,
  set: readonly string[],
): Given {
  const value: Record<string, unknown> = {};
  for (const pair of set) {
    const at = pair.indexOf("=");
    if (at < 1) return { ok: false, reason: `--set takes name=value, not "${pair}"` };
    const name = pair.slice(0, at);
    const text = pair.slice(at + 1);
    const param = entryOf(declared, name);
    const read = param === undefined ? text : readParam(param, text);
    if (read === undefined) {
      return {
        ok: false,
        reason: `parameter ${name} must be of type ${param?.type ?? ""}, not "${text}"`,
      };
    }
    value[name] = read;
  }
  return { ok: true, value };
}
