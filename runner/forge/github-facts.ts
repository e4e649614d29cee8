/** What GitHub shows of one pull request. */
import type { ForgeReview } from "#runner/core/forge/forge-facts.ts";
import { accountOf, type Account } from "./github-account.ts";
import { answered, type Answered, type Line } from "./github-client.ts";
import { listComments } from "./github-comments.ts";
import type { PullFacts } from "./port.ts";

/** As a list shows it: what needs a look at git, and who closed it, is missing. */
export interface Listed {
  readonly number: number;
  readonly state: string;
  readonly updated_at: string;
  readonly head: {
    readonly ref: string;
    readonly sha: string;
    readonly repo: { readonly full_name: string } | null;
  };
  readonly base: { readonly ref: string };
}

/** Of reviews. */
const PAGE = 100;

export function versionOf({ updated_at, state, head }: Omit<Listed, "base">): string {
  return `${state} ${updated_at} ${head.sha}`;
}

export async function factsOf(line: Line, { number }: Listed): Promise<Answered<PullFacts>> {
  const { client, place, signal } = line;
  const { owner, repo } = place;
  const at = { owner, repo, request: { signal } };
  const asked = await answered(signal, async () => {
    const { data: pull } = await client.rest.pulls.get({ ...at, pull_number: number });
    // Whoever remarks most must not crowd out an operator's word.
    const reviews = await client.paginate(client.rest.pulls.listReviews, {
      ...at,
      pull_number: number,
      per_page: PAGE,
    });
    const isClosed = pull.state === "closed" && !pull.merged;
    const issue = isClosed ? await client.rest.issues.get({ ...at, issue_number: number }) : null;
    return { pull, reviews, closer: issue?.data.closed_by };
  });
  if (!asked.ok) return asked;
  const { pull, reviews, closer } = asked.value;
  const comments = pull.comments === 0 ? NONE : await listComments(line, number);
  if (!comments.ok) return comments;
  return {
    ok: true,
    value: {
      number,
      head: pull.head.sha,
      title: pull.title,
      body: pull.body ?? "",
      version: versionOf(pull),
      state: pull.merged ? "merged" : pull.state,
      closedBy: accountOf(closer),
      mergedBy: pull.merged ? accountOf(pull.merged_by) : null,
      reviews: reviews.flatMap(reviewOf),
      comments: comments.value,
      mergeable: pull.mergeable,
      draft: pull.draft ?? false,
    },
  };
}

const NONE = { ok: true, value: [] } as const;

interface Reviewed {
  readonly user: Account | null;
  readonly state: string;
  readonly commit_id: string | null;
  readonly submitted_at?: string;
  readonly body: string;
}

const REVIEWS: Readonly<Record<string, ForgeReview["state"]>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
  COMMENTED: "commented",
  DISMISSED: "dismissed",
};

/** One that is not submitted yet, or whose author is gone, says nothing. */
function reviewOf({
  user,
  state,
  commit_id,
  submitted_at,
  body,
}: Reviewed): readonly ForgeReview[] {
  const account = accountOf(user);
  const known = REVIEWS[state];
  if (account === null || known === undefined || commit_id === null) return [];
  return [{ ...account, state: known, commit: commit_id, at: submitted_at ?? "", text: body }];
}
