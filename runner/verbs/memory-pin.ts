/** `fettle memory pin` and `unpin`. */
import { withPin } from "#runner/core/memory/memory-entry.ts";
import { changingMemory } from "./changing-memory.ts";
import { findMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export function memoryPinVerb(
  context: VerbContext,
  { id, pinned }: { readonly id: string; readonly pinned: boolean },
): Promise<Answer> {
  return changingMemory(context, async ({ records, engine }) => {
    const found = findMemory(id, records);
    if (!found.ok) return found.refusal;
    const { memory } = found;
    const { path, blob, record, isPending } = memory;
    const word = pinned ? "pinned" : "unpinned";
    if ((record.pinned === true) === pinned) {
      return {
        exit: "ok",
        text: `${memory.id} is ${word} already\n`,
        json: { id: memory.id, path },
      };
    }
    if (isPending) {
      const hint = "fettle reconcile   delivers it";
      return refused("refused", `${memory.id} is not on main yet`, hint);
    }
    const file = (await engine.store.reader.expectBlob(blob, path)).toString("utf8");
    const content = withPin(file, pinned);
    if (content === null) {
      return refused("refused", `${path} has no front matter of its own`, "pin it by hand");
    }
    return {
      files: [{ path, content }],
      subject: `${pinned ? "Pin" : "Unpin"} ${memory.id} about ${record.subject}`,
      text: `${memory.id} is ${word}: ${path}`,
      json: { id: memory.id, path },
    };
  });
}
