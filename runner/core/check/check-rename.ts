/** `previousNames`: each old name leads to one thing, and is free. */
import { type Found, pointer } from "./check-finding.ts";

interface Renamed {
  readonly previousNames?: readonly string[];
}

/** Findings by the name of the thing that claims an old name; `what` is the word for it. */
export function checkRenames(
  what: string,
  things: ReadonlyMap<string, Renamed | null>,
): ReadonlyMap<string, readonly Found[]> {
  const claims = new Map<string, string>();
  const found = new Map<string, readonly Found[]>();
  for (const [name, thing] of things) {
    const clashes = (thing?.previousNames ?? []).flatMap((previous, index): readonly Found[] => {
      const owner = claims.get(previous);
      claims.set(previous, name);
      const at = { code: "name/previous", pointer: pointer("previousNames", index) };
      if (things.has(previous)) return [{ ...at, message: `${what} ${previous} is still there` }];
      if (owner === undefined) return [];
      return [{ ...at, message: `${what} ${owner} was called ${previous} too` }];
    });
    found.set(name, clashes);
  }
  return found;
}
