/** What operators have decided so far. */
import { entryOf } from "#runner/core/entry.ts";
import type { EventOf } from "#runner/core/ledger-event.ts";
import type { LiveProject } from "#runner/schema/types.gen.ts";

type Reviewed = Pick<Partial<LiveProject>, "pipelines" | "approvedMakers">;

export function foldReview(
  live: LiveProject,
  { decision, review, step }: EventOf<"gate-settled">,
): Reviewed {
  if (review === undefined) return {};
  const state = entryOf(live.pipelines, review.pipeline);
  const before = entryOf(state?.reviews, step) ?? { approved: 0, rejected: 0 };
  const word = decision === "approved" ? "approved" : "rejected";
  const reviews = { ...state?.reviews, [step]: { ...before, [word]: before[word] + 1 } };
  const pipelines =
    state === undefined
      ? {}
      : { pipelines: { ...live.pipelines, [review.pipeline]: { ...state, reviews } } };
  if (decision !== "approved" || review.makers.length === 0) return pipelines;
  const makers = new Set([...(live.approvedMakers ?? []), ...review.makers]);
  return { ...pipelines, approvedMakers: [...makers].toSorted() };
}
