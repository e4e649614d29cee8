/** Every ref of this clone, the operator's own ones too, with the commit or tag that it names. */
import { gitText } from "./git.ts";
import type { Refs } from "./refs.ts";
import type { Repository } from "./repository.ts";

export async function allRefs({ own }: Repository): Promise<Refs> {
  const text = await gitText(own, ["for-each-ref", "--format=%(refname) %(objectname)"]);
  return new Map(
    text.split("\n").flatMap((line): [string, string][] => {
      const [ref = "", oid = ""] = line.split(" ");
      return oid === "" ? [] : [[ref, oid]];
    }),
  );
}
