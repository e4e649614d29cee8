/** How a verb looks that changes nothing: without the lock, at what is here now, or was at `--at`. */
import type { Engine } from "#runner/loop/engine.ts";
import { reading, sight, type Sight } from "./opened.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function looking(
  context: VerbContext,
  answer: (seen: Sight, engine: Engine) => Answer | Promise<Answer>,
): Promise<Answer> {
  const work = async (engine: Engine): Promise<Answer> => {
    const sighted = await sight(context, engine);
    return sighted.ok ? answer(sighted.sight, engine) : sighted.refusal;
  };
  return reading(context, work, { allowBare: true });
}
