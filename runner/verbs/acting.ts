/** How an operator's verb acts: under the lock, on everything as it is now, by a request that the next tick carries out. */
import type { Engine } from "#runner/loop/engine.ts";
import { bookRequests, requestOf, type Requested, type Wish } from "#runner/loop/request.ts";
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
  acts: Acting,
  wish: Wish,
  text: string | ((request: RequestRecord) => string | Promise<string>),
): Promise<Answer> {
  const asked = await asking(acts, [wish]);
  if (!asked.ok) return asked.refusal;
  const [request] = asked.requests;
  if (request === undefined) throw new Error("nothing was asked for");
  const words = typeof text === "string" ? told(text) : await text(request);
  return { exit: "ok", text: words, json: request };
}

/** All of it, or nothing. */
export async function askForAll(
  acts: Acting,
  wishes: readonly Wish[],
  text: string,
): Promise<Answer> {
  const asked = await asking(acts, wishes);
  return asked.ok ? { exit: "ok", text: told(text), json: asked.requests } : asked.refusal;
}

function told(text: string): string {
  return `${text}\n  fettle reconcile   does it now\n`;
}

type Asked =
  | { readonly ok: true; readonly requests: readonly RequestRecord[] }
  | { readonly ok: false; readonly refusal: Answer };

async function asking(
  { context, engine, seen: { observed, workspace } }: Acting,
  wishes: readonly Wish[],
): Promise<Asked> {
  const requests = await Promise.all(wishes.map((wish) => requestOf(engine, wish)));
  for (const request of requests) {
    const secret = heldSecret(engine, workspace, request);
    if (secret !== undefined) return { ok: false, refusal: secret };
  }
  const outcome = await bookRequests(engine, requests, { observed, signal: context.signal });
  return outcome.ok ? { ok: true, requests } : { ok: false, refusal: notBooked(outcome) };
}

export function notBooked({ exit, detail }: Extract<Requested, { ok: false }>): Answer {
  if (exit === "lost") return refused(exit, detail, "try again");
  const [why = ""] = detail.split("\n");
  return refused(exit, `not published: ${why}`, "git fetch origin   says more; then try again");
}
