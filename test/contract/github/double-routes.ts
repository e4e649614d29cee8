/** What the double answers to each operation. */
import {
  failure,
  notFound,
  ok,
  pullOf,
  withPull,
  type Answer,
  type Asked,
  type Played,
  type Request,
} from "./double-answer.ts";
import { addLabels, createIssue, listIssues, updateIssue } from "./double-issues.ts";
import {
  createPull,
  listPulls,
  listReviews,
  mergePull,
  reviewPull,
  updatePull,
} from "./double-pulls.ts";
import { RIGHTS } from "./double-bodies.ts";
import { ACCOUNTS, REPOSITORY } from "./double-state.ts";
import { isObject, textOf } from "./json.ts";

export function answerTo(double: Played, { method, path, url, body, by }: Request): Answer {
  const route = double.referee.route(method, path);
  const { searchParams: query } = new URL(url, "http://api.invalid");
  if (route === undefined) return notFound();
  const { owner, repo } = route.parameters;
  if (by.permission === "none") return failure(401, "Bad credentials");
  if (owner !== undefined && `${owner}/${repo}` !== REPOSITORY) return notFound();
  const answer = ANSWERS[route.id];
  if (answer === undefined) throw new Error(`${route.id} is not played`);
  return answer({
    double,
    parameters: route.parameters,
    query,
    body: isObject(body) ? body : {},
    by,
  });
}

const ANSWERS: Readonly<Record<string, (asked: Asked) => Answer>> = {
  "repos/get": ({ double, by }) =>
    ok({ ...double.bodies.repository(), permissions: RIGHTS[by.permission] }),
  "users/get-authenticated": ({ double, by }) =>
    by.type === "Bot"
      ? failure(403, "Resource not accessible by integration")
      : ok(double.bodies.me(by)),
  "repos/get-collaborator-permission-level": ({ double, parameters }) => {
    const found = Object.values(ACCOUNTS).find(({ login }) => login === parameters["username"]);
    return found === undefined ? notFound() : ok(double.bodies.permission(found));
  },
  "pulls/list": listPulls,
  "pulls/create": createPull,
  "pulls/get": ({ double, parameters }) =>
    withPull({ double, parameters }, (pull) => ok(double.bodies.pull(pull))),
  "pulls/update": ({ double, parameters, body, by }) =>
    withPull({ double, parameters }, (pull) => updatePull({ double, body, by }, pull)),
  "pulls/merge": ({ double, parameters, body, by }) =>
    withPull({ double, parameters }, (pull) => mergePull({ double, body, by }, pull)),
  "pulls/list-reviews": (asked) => withPull(asked, (pull) => listReviews(asked, pull)),
  "pulls/create-review": ({ double, parameters, body, by }) =>
    withPull({ double, parameters }, (pull) => reviewPull({ double, body, by }, pull)),
  "issues/list-comments": listComments,
  "issues/create-comment": createComment,
  "issues/update-comment": updateComment,
  "issues/add-labels": addLabels,
  "issues/get": ({ double, parameters }) => {
    const pull = pullOf({ double, parameters });
    if (pull !== undefined) return ok(double.bodies.pullIssue(pull));
    const issue = double.state.issues.find(
      ({ number }) => number === Number(parameters["issue_number"]),
    );
    return issue === undefined ? notFound() : ok(double.bodies.issue(issue));
  },
  "issues/list-for-repo": listIssues,
  "issues/create": createIssue,
  "issues/update": updateIssue,
  "repos/create-commit-status": ({ double, parameters, body, by }) => {
    const sha = parameters["sha"] ?? "";
    const status = double.bodies.status(sha, body, by);
    double.state.statuses.push({ sha, status });
    return { status: 201, body: status };
  },
  "repos/get-combined-status-for-ref": ({ double, parameters }) =>
    ok(double.bodies.combined(parameters["ref"] ?? "")),
  "repos/get-branch-rules": ({ double }) => ok([...double.rules]),
  "actions/get-github-actions-permissions-repository": ({ double }) => ok(double.actions),
  "actions/get-github-actions-default-workflow-permissions-repository": ({ double }) =>
    ok(double.workflow),
};

function listComments({ double, parameters, query }: Asked): Answer {
  const number = Number(parameters["issue_number"]);
  const since = query.get("since");
  const found = double.state.comments
    .filter((comment) => comment.number === number)
    .filter((comment) => since === null || comment.updatedAt >= since);
  const listed = double.areListsShuffled ? found.toReversed() : found;
  return ok(listed.map((comment) => double.bodies.comment(comment)));
}

function createComment({ double, parameters, body, by }: Asked): Answer {
  const { state } = double;
  const number = Number(parameters["issue_number"]);
  const at = state.now();
  const pull = state.pulls.find((candidate) => candidate.number === number);
  if (pull !== undefined) pull.updatedAt = at;
  const comment = {
    id: state.id(),
    number,
    by,
    createdAt: at,
    updatedAt: at,
    body: textOf(body["body"]),
  };
  state.comments.push(comment);
  return { status: 201, body: double.bodies.comment(comment) };
}

function updateComment({ double, parameters, body }: Asked): Answer {
  const comment = double.state.comments.find(({ id }) => id === Number(parameters["comment_id"]));
  if (comment === undefined) return notFound();
  comment.body = textOf(body["body"]);
  comment.updatedAt = double.state.now();
  return ok(double.bodies.comment(comment));
}
