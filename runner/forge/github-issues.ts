/** Issues that are kept up to date: one of a key. */
import { accountOf, mayWrite, type Account } from "./github-account.ts";
import { answered, ONCE, type Answered, type Line } from "./github-client.ts";
import { isMarked, marked } from "./mark.ts";
import type { Kept, KeptIssue } from "./port.ts";

const PAGE = 100;

/** As a list shows it. */
interface Issue {
  readonly number: number;
  readonly state: string;
  readonly title: string;
  readonly body?: string | null;
  readonly user: Account | null;
  readonly labels: readonly (string | { readonly name?: string })[];
}

/** Looked for, made, and looked for again: a lost answer leaves no second one. */
export async function keepIssue(line: Line, issue: KeptIssue): Promise<Answered<Kept>> {
  const before = await ownIssues(line, issue.key);
  if (!before.ok) return before;
  if (before.value.length > 0) return keepFirst(line, issue, before.value);
  const made = await create(line, issue);
  if (made.ok || made.failure.status < 500) return made;
  const after = await ownIssues(line, issue.key);
  if (!after.ok) return after;
  return after.value.length === 0 ? made : keepFirst(line, issue, after.value);
}

/** The oldest one is kept; what two runners made at the same moment is closed again. */
async function keepFirst(
  line: Line,
  issue: KeptIssue,
  [first, ...others]: readonly Issue[],
): Promise<Answered<Kept>> {
  if (first === undefined) return { ok: true, value: "same" };
  for (const { number } of others.filter(({ state }) => state === "open")) {
    const closed = await change(line, number, { state: "closed" });
    if (!closed.ok) return closed;
  }
  if (!hasLabel(first, labelOf(issue.key))) await label(line, issue.key, first.number);
  const body = marked(issue.key, issue.body);
  if (first.title === issue.title && isSameText(first.body ?? "", body)) {
    return { ok: true, value: "same" };
  }
  return change(line, first.number, { title: issue.title, body });
}

/** A browser sends other ends of lines, and none at the end of all. */
function isSameText(one: string, other: string): boolean {
  return one.replaceAll("\r\n", "\n").trimEnd() === other.trimEnd();
}

/** Oldest first. By label; where somebody has taken that off, by the mark in the text. */
async function ownIssues(line: Line, key: string): Promise<Answered<readonly Issue[]>> {
  const labelled = await listIssues(line, labelOf(key));
  if (!labelled.ok) return labelled;
  const own = await trusted(line, labelled.value);
  if (!own.ok || own.value.length > 0) return own;
  const all = await listIssues(line, undefined);
  if (!all.ok) return all;
  return trusted(
    line,
    all.value.filter(({ body }) => isMarked(key, body ?? "")),
  );
}

/** Who has written an issue may change it afterwards: one of somebody who may not write here is theirs. */
async function trusted(line: Line, issues: readonly Issue[]): Promise<Answered<readonly Issue[]>> {
  const own: Issue[] = [];
  for (const issue of issues) {
    const account = accountOf(issue.user);
    if (account === null) continue;
    const may = account.isBot
      ? { ok: true as const, value: true }
      : await mayWrite(line, account.login);
    if (!may.ok) return may;
    if (may.value) own.push(issue);
  }
  return { ok: true, value: own };
}

/** Closed ones too: what a person has closed stays closed, and is not made anew. */
async function listIssues(
  { client, place, signal }: Line,
  labels: string | undefined,
): Promise<Answered<readonly Issue[]>> {
  const { owner, repo } = place;
  const query = {
    owner,
    repo,
    state: "all",
    sort: "created",
    direction: "asc",
    per_page: PAGE,
    ...(labels !== undefined && { labels }),
    request: { signal },
  } as const;
  return answered(signal, async () => {
    const found = await client.paginate(client.rest.issues.listForRepo, query);
    return found
      .filter(({ pull_request }) => pull_request === undefined)
      .toSorted((a, b) => a.number - b.number);
  });
}

function hasLabel({ labels }: Issue, wanted: string): boolean {
  return labels.some((one) => (typeof one === "string" ? one : one.name) === wanted);
}

function labelOf(key: string): string {
  return `fettle-${key}`;
}

async function create(
  { client, place, signal }: Line,
  { key, title, body }: KeptIssue,
): Promise<Answered<Kept>> {
  const { owner, repo } = place;
  return answered(signal, async (): Promise<Kept> => {
    const what = { owner, repo, title, body: marked(key, body), labels: ["fettle", labelOf(key)] };
    await client.rest.issues.create({ ...what, request: { ...ONCE, signal } });
    return "made";
  });
}

/** Labels are for people, and spare a search: without one it is found all the same. */
async function label({ client, place, signal }: Line, key: string, number: number): Promise<void> {
  const { owner, repo } = place;
  const what = { owner, repo, issue_number: number, labels: [labelOf(key)] };
  await answered(signal, () => client.rest.issues.addLabels({ ...what, request: { signal } }));
}

async function change(
  { client, place, signal }: Line,
  number: number,
  what: { readonly title?: string; readonly body?: string; readonly state?: "closed" },
): Promise<Answered<Kept>> {
  const { owner, repo } = place;
  return answered(signal, async (): Promise<Kept> => {
    const at = { owner, repo, issue_number: number };
    await client.rest.issues.update({ ...at, ...what, request: { signal } });
    return "changed";
  });
}
