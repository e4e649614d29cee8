/** A program at work with its folder of checkpoints. */
import type { AttemptFolder } from "./attempt-folder.ts";
import { CheckpointFolder } from "./checkpoint-folder.ts";
import type { ProgramEnd } from "./program.ts";
import type { RungCall } from "./rung-result.ts";

/** What the program saves counts however it ends. */
export async function withCheckpoints(
  { checkpoints }: AttemptFolder,
  { invocation, save }: RungCall,
  run: () => Promise<ProgramEnd>,
): Promise<ProgramEnd> {
  const { checkpoints: saved = new Map(), secrets } = invocation;
  const folder = new CheckpointFolder(checkpoints, { saved, secrets, save });
  let notes: readonly string[] = [];
  const end = await run().finally(() => {
    notes = folder.close();
  });
  const told = notes.map((note) => `fettle: ${note}\n`).join("");
  return { ...end, stderr: Buffer.concat([end.stderr, Buffer.from(told)]) };
}
