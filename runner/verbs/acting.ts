/** How an operator's verb acts: under the lock, on everything as it is now, by a request that the next tick carries out. */
import type { Engine } from "#runner/loop/engine.ts";
import { bookRequest, requestOf, type Requested, type Wish } from "#runner/loop/request.ts";
import { expectWritable } from "#runner/loop/state-format.ts";
import type { RequestRecord } from "#runner/schema/types.gen.ts";
import { heldSecret } from "./held-secret.ts";
import { sight, writing, type Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

/** Acts under the lock, with everything seen as it is now. */
export function acting(
  context: VerbContext,
  act: (engine: Engine, seen: Sight) => Promise<Answer>,
): Promise<Answer> {
  return writing(
    context,
    () => undefined,
    async (engine) => {
      const sighted = await sight({ ...context, at: null }, engine, { toAct: true });
      await expectWritable(engine.store, engine.repository);
      return sighted.ok ? act(engine, sighted.sight) : sighted.refusal;
    },
  );
}

export interface Acting {
  readonly context: VerbContext;
  readonly engine: Engine;
  readonly seen: Sight;
}

/** Asks for something in the name of whoever works here; `text` says what will happen, whole where it follows from the request. */
export async function askFor(
  { context, engine, seen: { observed, workspace } }: Acting,
  wish: Wish,
  text: string | ((request: RequestRecord) => string),
): Promise<Answer> {
  const request = await requestOf(engine, wish);
  const secret = heldSecret(engine, workspace, request);
  if (secret !== undefined) return secret;
  const outcome = await bookRequest(engine, request, { observed, signal: context.signal });
  if (!outcome.ok) return notBooked(outcome);
  const told =
    typeof text === "string" ? `${text}\n  fettle reconcile   does it now\n` : text(request);
  return { exit: "ok", text: told, json: request };
}

export function notBooked({ exit, detail }: Extract<Requested, { ok: false }>): Answer {
  if (exit === "lost") return refused(exit, detail, "try again");
  const [why = ""] = detail.split("\n");
  return refused(exit, `not published: ${why}`, "git fetch origin   says more; then try again");
}
