/** Comments that have asked already: each does once, as long as the gate that it stands under is open. */
import type { EventOf } from "#runner/core/ledger-event.ts";
import type { LiveWorkspace } from "#runner/schema/types.gen.ts";

type IsOpen = (gate: string) => boolean;

export function foldHeard(
  workspace: LiveWorkspace,
  { comment }: EventOf<"request-made" | "request-settled">,
  isOpen: IsOpen,
): LiveWorkspace {
  const gates = comment?.gates.filter(isOpen) ?? [];
  if (comment === undefined || gates.length === 0) return workspace;
  const { heard = {} } = workspace;
  const added = gates.map((gate): [string, number[]] => [
    gate,
    [...(heard[gate] ?? []), comment.id],
  ]);
  return { ...workspace, heard: { ...heard, ...Object.fromEntries(added) } };
}

export function withoutClosed(workspace: LiveWorkspace, isOpen: IsOpen): LiveWorkspace {
  const { heard, ...rest } = workspace;
  if (heard === undefined) return workspace;
  const left = Object.entries(heard).filter(([gate]) => isOpen(gate));
  if (left.length === Object.keys(heard).length) return workspace;
  return left.length === 0 ? rest : { ...rest, heard: Object.fromEntries(left) };
}

/** Whether the comment has asked before, under any of these gates. */
export function isHeard(
  { heard = {} }: LiveWorkspace,
  gates: readonly string[],
  comment: number,
): boolean {
  return gates.some((gate) => heard[gate]?.includes(comment) === true);
}
