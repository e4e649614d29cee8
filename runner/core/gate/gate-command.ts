/** How a gate is answered: the command that says yes to it, or answers its question, and what comes without an answer. */
import { shellWord } from "#runner/core/shell-word.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";

type Asked = Pick<GateRecord, "id"> & Partial<Pick<GateRecord, "asks">>;

/** Word by word. */
export function assentWords({ id, asks }: Asked): readonly string[] {
  if (asks === undefined) return ["fettle", "approve", id];
  return ["fettle", "answer", id, ...asks.flatMap((field) => ["--set", `${field}=...`])];
}

/** A line that can be pasted. */
export function assentCommand(gate: Asked): string {
  return assentWords(gate).map(shellWord).join(" ");
}

/** What lifts a problem with what stands on main already. */
export function mendWords(gate: Asked): string {
  const mend = "mend the file on main and commit";
  return gate.asks === undefined ? mend : `${mend}, or ${assentCommand(gate)}`;
}

/** What a merge that counts is recorded as. */
export function assentIn(
  { asks }: Pick<Asked, "asks">,
  edited: boolean,
): { readonly decision: "approved" | "answered"; readonly reason: string } {
  if (asks !== undefined) return { decision: "answered", reason: "merged" };
  return { decision: "approved", reason: edited ? "merged with changes" : "merged" };
}

/** Follows "without an answer it". */
export function expiryWords(onExpire: GateRecord["onExpire"]): string {
  switch (onExpire) {
    case "reject":
      return "is rejected";
    case "keep":
      return "stays open";
    case "default":
      return "is answered with what the form begins with";
  }
}
