/** What the double answers about pull requests. */
import { invalid, failure, ok, type Answer, type Asked } from "./double-answer.ts";
import { REPOSITORY, type Pull } from "./double-state.ts";
import { textOf, type JsonObject } from "./json.ts";

export function listPulls({ double, query }: Asked): Answer {
  const state = query.get("state") ?? "open";
  const head = query.get("head");
  const key = query.get("sort") === "updated" ? "updatedAt" : "createdAt";
  const found = double.state.pulls
    .filter((pull) => state === "all" || pull.state === state)
    .filter((pull) => head === null || head === `${REPOSITORY.split("/")[0]}:${pull.branch}`)
    .toSorted((a, b) => (a[key] < b[key] ? 1 : -1));
  const listed = double.areListsShuffled ? [...found.slice(1), ...found.slice(0, 1)] : found;
  const bodies = listed.map((pull) => double.bodies.listed(pull));
  return pageOf(bodies, query, `${double.api}/repos/${REPOSITORY}/pulls`);
}

export function listReviews({ double, query }: Asked, { number, reviews }: Pull): Answer {
  const bodies = reviews.map((review) => double.bodies.review(review));
  return pageOf(bodies, query, `${double.api}/repos/${REPOSITORY}/pulls/${number}/reviews`);
}

function pageOf(bodies: readonly JsonObject[], query: URLSearchParams, url: string): Answer {
  const perPage = Number(query.get("per_page") ?? 30);
  const page = Number(query.get("page") ?? 1);
  const body = bodies.slice((page - 1) * perPage, page * perPage);
  const following = new URLSearchParams(query);
  following.set("page", String(page + 1));
  const next = `<${url}?${following.toString()}>; rel="next"`;
  return { status: 200, body, headers: bodies.length > page * perPage ? { link: next } : {} };
}

export function createPull({ double, body, by }: Asked): Answer {
  const { state } = double;
  const branch = textOf(body["head"]).split(":").at(-1) ?? "";
  const base = textOf(body["base"]);
  const head = state.head(branch);
  const main = state.head(base);
  if (head === null || main === null)
    return invalid({ resource: "PullRequest", field: "head", code: "invalid" });
  if (state.openPull(branch, base) !== undefined) {
    return invalid({
      resource: "PullRequest",
      code: "custom",
      message: `A pull request already exists for ${REPOSITORY.split("/")[0]}:${branch}.`,
    });
  }
  if (state.isAncestor(head, main)) {
    return invalid({
      resource: "PullRequest",
      code: "custom",
      message: `No commits between ${base} and ${branch}`,
    });
  }
  if (textOf(body["body"]).length > 65_536) {
    return invalid({
      resource: "PullRequest",
      field: "body",
      code: "custom",
      message: "body is too long (maximum is 65536 characters)",
    });
  }
  const at = state.now();
  const pull: Pull = {
    number: state.id(),
    branch,
    base,
    by,
    createdAt: at,
    updatedAt: at,
    reviews: [],
    title: textOf(body["title"]),
    body: textOf(body["body"]),
    head,
    state: "open",
    closedAt: null,
    closedBy: null,
    mergedBy: null,
    labels: [],
    draft: body["draft"] === true,
  };
  state.pulls.push(pull);
  return { status: 201, body: double.bodies.pull(pull) };
}

type Acting = Pick<Asked, "double" | "body" | "by">;

export function updatePull({ double, body, by }: Acting, pull: Pull): Answer {
  if (body["state"] === "closed" && pull.state === "open") double.state.close(pull, by, false);
  if (body["state"] === "open" && pull.state === "closed") {
    if (pull.mergedBy !== null || double.state.head(pull.branch) === null) {
      return invalid({ resource: "PullRequest", field: "state", code: "invalid" });
    }
    pull.state = "open";
    pull.closedAt = null;
    pull.closedBy = null;
  }
  if (typeof body["title"] === "string") pull.title = body["title"];
  if (typeof body["body"] === "string") pull.body = body["body"];
  pull.updatedAt = double.state.now();
  return ok(double.bodies.pull(pull));
}

export function mergePull({ double, body, by }: Acting, pull: Pull): Answer {
  if (by.permission === "read") return failure(403, "Must have push access");
  if (typeof body["sha"] === "string" && body["sha"] !== pull.head) {
    return failure(409, "Head branch was modified. Review and try the merge again.");
  }
  const method = textOf(body["merge_method"]) || "merge";
  const title = textOf(body["commit_title"]) || `Merge pull request #${pull.number}`;
  if (pull.state === "closed" || !double.state.merge(pull, by, { method, title })) {
    return failure(405, "Pull Request is not mergeable");
  }
  const sha = double.state.head(pull.base) ?? "";
  return ok({ sha, merged: true, message: "Pull Request successfully merged" });
}

export function reviewPull({ double, body, by }: Acting, pull: Pull): Answer {
  const event = textOf(body["event"]);
  const state =
    event === "APPROVE"
      ? "APPROVED"
      : event === "REQUEST_CHANGES"
        ? "CHANGES_REQUESTED"
        : "COMMENTED";
  const at = double.state.now();
  const review = {
    id: double.state.id(),
    by,
    state,
    body: textOf(body["body"]),
    commit: pull.head,
    at,
  };
  pull.reviews.push(review);
  pull.updatedAt = at;
  return ok(double.bodies.review(review));
}
