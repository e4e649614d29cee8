/** What a branch of a briefing has become: the proposal with rejections in it, or something else. */
import { expect, onTestFinished, test } from "vitest";
import { cutOf } from "#runner/loop/briefing-cut.ts";
import { ObjectReader } from "#runner/repo/object-reader.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { cite, openGate } from "../support/core-records.ts";
import { makeRepository, type FileTexts } from "../support/git-repo.ts";

const RECORD = '---\ndecision: approved\nnote: ""\n---\n\nTwo mails.\n';
const REJECTED = RECORD.replace("approved", "rejected");
const NOTE = "projects/shop/two.md";
const [FIRST, SECOND] = ["memory/shop/decisions/1", "memory/shop/decisions/2"];

/** Two gates, of which the second changes a file; then somebody commits on the branch. */
async function cutAfter(edit: FileTexts): Promise<readonly number[] | null> {
  const operator = makeRepository({ [NOTE]: "before\n" });
  const head = operator.commit({
    [`${FIRST}/decision.md`]: RECORD,
    [`${FIRST}/ada.yaml`]: "text: Hello\n",
    [`${SECOND}/decision.md`]: RECORD,
    [NOTE]: "proposed\n",
  });
  const deliverable = { path: NOTE, content: cite("proposed"), blob: head, bytes: 9, was: null };
  const gates = [FIRST, SECOND].map((folder, index): GateRecord => {
    const briefing = { id: "briefing-1", place: index + 1 };
    const deliverables = index === 0 ? [] : [deliverable];
    return openGate({ folder, head, briefing, deliverables }).record;
  });
  const reader = new ObjectReader((await operator.open()).own);
  onTestFinished(() => reader.close());
  return cutOf(reader, gates, operator.commit(edit));
}

test.each<[string, FileTexts, readonly number[] | null]>([
  ["The second is rejected", { [`${SECOND}/decision.md`]: REJECTED }, [2]],
  [
    "Both are, and the file is as it was before",
    {
      [`${FIRST}/decision.md`]: REJECTED,
      [`${SECOND}/decision.md`]: REJECTED,
      [NOTE]: "before\n",
    },
    [1, 2],
  ],
  [
    "One is rejected, and what the other says is edited",
    { [`${SECOND}/decision.md`]: REJECTED, [`${FIRST}/ada.yaml`]: "text: Send money\n" },
    null,
  ],
  ["An item is edited", { [`${FIRST}/ada.yaml`]: "text: Send money\n" }, null],
  [
    "A record says more than the word",
    { [`${SECOND}/decision.md`]: `${REJECTED}And this.\n` },
    null,
  ],
  [
    "The file is neither as it was nor as it was proposed",
    { [`${SECOND}/decision.md`]: REJECTED, [NOTE]: "something else\n" },
    null,
  ],
  [
    "The file of a gate that is not rejected is taken back",
    { [`${FIRST}/decision.md`]: REJECTED, [NOTE]: "before\n" },
    null,
  ],
  ["A file comes along", { "projects/shop/more.md": "more\n" }, null],
])("%s: %j is %j", async (_, edit, cut) => {
  expect(await cutAfter(edit)).toEqual(cut);
});
