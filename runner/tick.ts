/** `fettle reconcile` without the command line around it, whose loading takes longer than most ticks. */
import { openSession, type Globals } from "./session.ts";
import { sitDown } from "./sitting.ts";
import { reconcileVerb, type ReconcileOptions } from "./verbs/reconcile.ts";

export async function tick(globals: Globals, options: ReconcileOptions): Promise<void> {
  const session = openSession(async () => sitDown);
  try {
    const { context, answer } = await session.sit(globals);
    await answer(await reconcileVerb(context, options));
  } catch (error) {
    await session.bug(error, globals.json);
  }
}
