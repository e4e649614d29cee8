/** What the double answers about issues. */
import { notFound, ok, pullOf, texts, type Answer, type Asked } from "./double-answer.ts";
import type { Issue } from "./double-state.ts";
import { textOf } from "./json.ts";

/** Pull requests are issues, too, and stand among them. */
export function listIssues({ double, query }: Asked): Answer {
  const { state, bodies } = double;
  const label = query.get("labels");
  const wanted = query.get("state") ?? "open";
  const all = [
    ...state.issues.map((issue) => ({ of: issue, body: bodies.issue(issue) })),
    ...state.pulls.map((pull) => ({ of: pull, body: bodies.pullIssue(pull) })),
  ];
  const found = all
    .filter(({ of }) => wanted === "all" || of.state === wanted)
    .filter(({ of }) => label === null || of.labels.includes(label))
    .toSorted((a, b) => a.of.number - b.of.number);
  const listed = query.get("direction") === "asc" ? found : found.toReversed();
  const ordered = double.areListsShuffled ? listed.toReversed() : listed;
  const size = Number(query.get("per_page") ?? 30);
  const page = Number(query.get("page") ?? 1);
  const shown = ordered.slice((page - 1) * size, page * size);
  const next = new URLSearchParams(query);
  next.set("page", String(page + 1));
  const link = `<${double.api}/repos/ada-northwind/company/issues?${next.toString()}>; rel="next"`;
  return {
    ...ok(shown.map(({ body }) => body)),
    ...(page * size < ordered.length && { headers: { link } }),
  };
}

export function createIssue({ double, body, by }: Asked): Answer {
  const { state } = double;
  const at = state.now();
  const issue: Issue = {
    number: state.id(),
    by,
    createdAt: at,
    updatedAt: at,
    title: textOf(body["title"]),
    body: textOf(body["body"]),
    state: "open",
    labels: texts(body["labels"]),
  };
  state.issues.push(issue);
  return { status: 201, body: double.bodies.issue(issue) };
}

export function updateIssue({ double, parameters, body }: Asked): Answer {
  const issue = issueOf({ double, parameters });
  if (issue === undefined) return notFound();
  if (typeof body["title"] === "string") issue.title = body["title"];
  if (typeof body["body"] === "string") issue.body = body["body"];
  if (body["state"] === "open" || body["state"] === "closed") issue.state = body["state"];
  if (Array.isArray(body["labels"])) issue.labels = texts(body["labels"]);
  issue.updatedAt = double.state.now();
  return ok(double.bodies.issue(issue));
}

export function addLabels({ double, parameters, body }: Asked): Answer {
  const labelled = pullOf({ double, parameters }) ?? issueOf({ double, parameters });
  if (labelled === undefined) return notFound();
  labelled.labels = [...new Set([...labelled.labels, ...texts(body["labels"])])];
  return ok(double.bodies.labels(labelled.labels));
}

function issueOf({ double, parameters }: Pick<Asked, "double" | "parameters">): Issue | undefined {
  return double.state.issues.find(({ number }) => number === Number(parameters["issue_number"]));
}
