/** Comments under a pull request: what people write there, and the one note of a key that is kept up to date. */
import { accountOf, nameOf } from "./github-account.ts";
import { answered, ONCE, type Answered, type Line } from "./github-client.ts";
import { isMarked, marked } from "./mark.ts";
import type { Remark } from "#runner/core/forge/spoken.ts";
import type { Kept, Note } from "./port.ts";

const PAGE = 100;

export async function listComments(
  { client, place, signal }: Line,
  number: number,
): Promise<Answered<readonly Remark[]>> {
  const { owner, repo } = place;
  const query = {
    owner,
    repo,
    issue_number: number,
    per_page: PAGE,
    request: { signal },
  };
  return answered(signal, async () => {
    const found = await client.paginate(client.rest.issues.listComments, query);
    return found
      .flatMap(({ id, user, body, created_at, updated_at }): readonly Remark[] => {
        const account = accountOf(user);
        if (account === null) return [];
        const isEdited = created_at !== updated_at;
        return [{ ...account, id, text: body ?? "", at: created_at, isEdited }];
      })
      .toSorted((a, b) => a.id - b.id);
  });
}

/** Looked for, made, and looked for again, as a proposal is: a lost answer leaves no second note. */
export async function keepNote(line: Line, number: number, note: Note): Promise<Answered<Kept>> {
  const name = await nameOf(line);
  if (!name.ok) return name;
  const body = marked(note.key, note.text);
  const find = { number, key: note.key, name: name.value };
  const before = await ownNote(line, find);
  if (!before.ok) return before;
  if (before.value !== null) return update(line, before.value, body);
  const made = await create(line, number, body);
  if (made.ok || made.failure.status < 500) return made;
  const after = await ownNote(line, find);
  if (!after.ok) return after;
  return after.value === null ? made : update(line, after.value, body);
}

interface Find {
  readonly number: number;
  readonly key: string;
  /** null: an app, whose name is not known. */
  readonly name: string | null;
}

/** The oldest one of ours: whoever else writes the same mark has a comment of their own. */
async function ownNote(line: Line, { number, key, name }: Find): Promise<Answered<Remark | null>> {
  const found = await listComments(line, number);
  if (!found.ok) return found;
  const own = found.value.find(
    ({ text, login, isBot }) => isMarked(key, text) && (name === null ? isBot : login === name),
  );
  return { ok: true, value: own ?? null };
}

async function create(
  { client, place, signal }: Line,
  number: number,
  body: string,
): Promise<Answered<Kept>> {
  const { owner, repo } = place;
  return answered(signal, async (): Promise<Kept> => {
    const what = { owner, repo, issue_number: number, body };
    await client.rest.issues.createComment({ ...what, request: { ...ONCE, signal } });
    return "made";
  });
}

async function update(
  { client, place, signal }: Line,
  note: Remark,
  body: string,
): Promise<Answered<Kept>> {
  if (note.text === body) return { ok: true, value: "same" };
  const { owner, repo } = place;
  return answered(signal, async (): Promise<Kept> => {
    const what = { owner, repo, comment_id: note.id, body };
    await client.rest.issues.updateComment({ ...what, request: { signal } });
    return "changed";
  });
}
