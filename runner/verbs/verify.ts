/** `fettle verify`: does the history hold together? */
import type { Engine } from "#runner/loop/engine.ts";
import { verify } from "#runner/loop/verify.ts";
import { renderVerification } from "#runner/report/verify-text.ts";
import { reading } from "./opened.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function verifyVerb(context: VerbContext): Promise<Answer> {
  const answer = async (engine: Engine): Promise<Answer> => {
    const verification = await verify(engine);
    return {
      exit: verification.verdict === "verified" ? "ok" : "failed",
      text: renderVerification(verification, context.look),
      json: verification,
    };
  };
  return reading(context, answer, { allowBare: true });
}
