/** What the operator says of effects that were in doubt. */
import type { Action } from "./action.ts";
import type { Observed } from "./model.ts";
import { NOTHING, type ProjectPlan } from "./project-context.ts";
import type {
  AnswerRequest,
  LiveProject,
  Receipt,
  RequestRecord,
} from "#runner/schema/types.gen.ts";

export function planAnswers(observed: Observed): ProjectPlan {
  const { requests, receipts } = observed;
  const answers = requests.filter(isAnswer);
  const wants = answers.filter(({ base }) => !receipts.has(base));
  return {
    ...NOTHING,
    wants: wants.map(({ base }) => ({ kind: "receipt", base })),
    actions: answers
      .filter(({ base }) => receipts.has(base))
      .map((request) => answered(request, whyUnasked(observed, request))),
  };
}

function isAnswer(request: RequestRecord): request is AnswerRequest {
  return request.kind === "answer";
}

/** null: it is this doubt that is answered. */
function whyUnasked(observed: Observed, { base, ordinal, since }: AnswerRequest): string | null {
  const receipts = observed.receipts.get(base)?.receipts ?? [];
  const found = receipts.find((receipt) => receipt.ordinal === ordinal);
  if (found === undefined || !isInDoubt(observed, found)) {
    return "the effect is not in doubt any more";
  }
  const doubt = rememberedIn(observed).find((one) => one.base === base && one.ordinal === ordinal);
  const isThis = since === undefined || since === (doubt?.since ?? found.at);
  return isThis ? null : "the effect has come into doubt again since that was said";
}

/** An intent whose run is over will never be known by itself either. */
function isInDoubt({ summaries }: Observed, { state, run }: Receipt): boolean {
  if (state !== "intended") return state === "uncertain";
  return ![...summaries.projects.values()].some(({ openRuns }) => openRuns.includes(run));
}

/** What was said of this doubt and is not carried out yet. */
export function answerBefore(
  { requests }: Pick<Observed, "requests">,
  { base, ordinal, since }: Pick<Doubt, "base" | "ordinal" | "since">,
): AnswerRequest | undefined {
  return requests
    .filter(isAnswer)
    .find(
      (said) =>
        said.base === base &&
        said.ordinal === ordinal &&
        (said.since === undefined || said.since === since),
    );
}

type Doubt = NonNullable<LiveProject["uncertain"]>[number];

function rememberedIn({ summaries }: Observed): readonly (Doubt & { readonly project: string })[] {
  return [...summaries.projects].flatMap(([project, { uncertain = [] }]) =>
    uncertain.map((doubt) => ({ ...doubt, project })),
  );
}

/** What is in doubt: as the projects remember it, and as the receipts say that stand in the way of a run. */
export function doubtsIn(observed: Observed): readonly (Doubt & { readonly project: string })[] {
  const known = rememberedIn(observed);
  const others = [...observed.receipts.values()].flatMap((record) =>
    (record?.receipts ?? [])
      .filter((receipt) => isInDoubt(observed, receipt))
      .flatMap(({ ordinal, run, step, item, at: since }) => {
        if (record === null || known.some(({ base }) => base === record.base)) return [];
        const { base, onceKey, agent, project } = record;
        const reason = "nobody knows whether it happened";
        return [{ project, base, ordinal, onceKey, agent, run, step, item, since, reason }];
      }),
  );
  return [...known, ...others];
}

function answered(request: AnswerRequest, why: string | null): Action {
  const { id, project, base, ordinal, happened, by, reason } = request;
  if (why !== null) {
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
