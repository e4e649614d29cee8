/** How a verb changes memory: one commit on main in the operator's name, with everything seen as it is now. */
import type { FileChange } from "#runner/repo/commit-target.ts";
import { commitAsOperator } from "#runner/loop/operator-commit.ts";
import { acting } from "./acting.ts";
import { memoryNow, type SeenMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface MemoryChange {
  readonly files: readonly FileChange[];
  /** Subject of the commit. */
  readonly subject: string;
  /** The rest of its message. */
  readonly body?: string;
  /** What the operator reads when it is done. */
  readonly text: string;
  readonly json: object;
}

/** `change` says what to write, or answers otherwise. */
export function changingMemory(
  context: VerbContext,
  change: (memory: SeenMemory) => Promise<MemoryChange | Answer>,
): Promise<Answer> {
  return acting(context, async (engine, sight) => {
    const made = await change(await memoryNow(context, engine, sight));
    if ("exit" in made) return made;
    const { files, subject, body, text, json } = made;
    const words = { done: "written on main", again: "do it" };
    const message = body === undefined ? `${subject}\n` : `${subject}\n\n${body}\n`;
    const main = sight.workspace.commit;
    const moved = await commitAsOperator(engine, { main, files, message, words });
    if (!moved.ok) return refused(moved.exit, moved.message, moved.hint);
    const { commit } = moved;
    return {
      exit: "ok",
      text: `${text}\n  on main as ${commit.slice(0, 7)}\n`,
      json: { ...json, commit },
    };
  });
}
