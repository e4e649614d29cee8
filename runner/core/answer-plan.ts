/** What the operator says of effects that were in doubt. */
import type { Action } from "./action.ts";
import type { Observed } from "./model.ts";
import { NOTHING, type ProjectPlan } from "./project-context.ts";
import type { AnswerRequest, RequestRecord } from "#runner/schema/types.gen.ts";

export function planAnswers({ requests, receipts }: Observed): ProjectPlan {
  const answers = requests.filter(isAnswer);
  const wants = answers.filter(({ base }) => !receipts.has(base));
  return {
    ...NOTHING,
    wants: wants.map(({ base }) => ({ kind: "receipt", base })),
    actions: answers
      .filter(({ base }) => receipts.has(base))
      .map((request) => answered(request, isInDoubt(receipts, request))),
  };
}

function isAnswer(request: RequestRecord): request is AnswerRequest {
  return request.kind === "answer";
}

function isInDoubt(
  receipts: Observed["receipts"],
  { base, ordinal }: Pick<AnswerRequest, "base" | "ordinal">,
): boolean {
  const found = receipts.get(base)?.receipts.find((receipt) => receipt.ordinal === ordinal);
  return found?.state === "uncertain";
}

function answered(request: AnswerRequest, isDoubted: boolean): Action {
  const { id, project, base, ordinal, happened, by, reason } = request;
  if (!isDoubted) {
    const why = "the effect is not in doubt any more";
    return { kind: "request-settle", project, because: why, request: id, reason: why };
  }
  const because = `${by} says that it ${happened ? "happened" : "did not happen"}`;
  return {
    kind: "effect-answer",
    project,
    because,
    request: id,
    base,
    ordinal,
    happened,
    by,
    reason,
  };
}
