import { expect, test } from "vitest";
import { parse } from "yaml";
import type { DecisionInput } from "#runner/core/gate/decision-input.ts";
import { decisionText } from "#runner/report/decision-text.ts";
import { decision, gate, openRun, runId } from "./example.ts";
import { hostile } from "./hostile.ts";
import { gateOpen } from "./example-plan.ts";

const input: DecisionInput = {
  open: gateOpen,
  run: openRun,
  planDigest: "sha256:9f",
  answerBy: "2026-11-24T08:03:00.000Z",
  vetoUntil: null,
  policy: undefined,
};

function frontMatterOf(text: string): unknown {
  return parse(text.split("---\n")[1] ?? "");
}

test("the record tells the effect, the risk, the items and how to answer", () => {
  expect(decisionText(input)).toMatchInlineSnapshot(`
    "---
    decision: approved
    gate: "chase-invoices-4f8k2m1q"
    run: "chase-invoices.k3f9q2m7x0aa"
    project: "collections"
    pipeline: "chase-invoices"
    step: "review"
    planDigest: "sha256:9f"
    risk: 78
    answerBy: "2026-11-24T08:03:00.000Z"
    ---

    # Send the reminders

    risk 78 is not below 60

    ## What approval does

    - \`send\` runs \`mailer\` for each item. Sends a mail. **It reaches the outside world.** It cannot be undone: a sent mail cannot be recalled.

    ## Risk

    High risk 78 of 100.

    - +40 effects are external
    - +38 new template

    ## What you approve

    | Shown as | Item | Content |
    | --- | --- | --- |
    | reminders | INV-1 | Invoice INV-1 / Dear Müller & Söhne, please pay. |

    ## So far

    - Run: \`chase-invoices.k3f9q2m7x0aa\`, because goal no-silent-overdue is not met: 9, at most 0
    - Cost: 0.008 USD
    - Not among them: INV-3 (subject is missing)

    The agent says (not checked):

    \`\`\`text
    Friendly first reminder; the client usually pays after one.
    \`\`\`

    ## How to answer

    - Approve: \`fettle approve chase-invoices-4f8k2m1q\`, or merge the branch \`fettle/gate/chase-invoices-4f8k2m1q\` into main and push.
    - Change something first: edit the files of the items in \`memory/collections/decisions/chase-invoices-4f8k2m1q\` (only \`outputs\`), or the deliverables, and merge then.
    - Leave one item out: delete its file, and merge then.
    - Have it made anew: \`fettle reject chase-invoices-4f8k2m1q --reason "what to change" --retry\`; a new gate shows it.
    - Reject: \`fettle reject chase-invoices-4f8k2m1q --reason "..."\`, or write \`decision: rejected\` above and merge.
    - Without an answer by 2026-11-24T08:03:00.000Z it is rejected.
    "
  `);
});

test("its front matter reads back as written", () => {
  expect(frontMatterOf(decisionText(input))).toEqual({
    decision: "approved",
    gate: gate.id,
    run: runId,
    project: "collections",
    pipeline: "chase-invoices",
    step: decision.step,
    planDigest: "sha256:9f",
    risk: 78,
    answerBy: "2026-11-24T08:03:00.000Z",
  });
});

test("no deadline is null and needs no sentence", () => {
  const text = decisionText({ ...input, answerBy: null });

  expect(frontMatterOf(text)).toMatchObject({ answerBy: null });
  expect(text).not.toContain("Without an answer");
});

test("text from agents stays literal and cannot end the front matter or its fence", () => {
  const [item] = gateOpen.items;
  const open = {
    ...gateOpen,
    because: hostile,
    gate: { ...gate, title: `---\ndecision: rejected ${hostile}`, step: "re\n---\nview" },
    items:
      item === undefined
        ? []
        : [{ ...item, key: hostile, outputs: { a: [hostile, { b: "</details>```" }] } }],
  };
  const attempts = openRun.attempts.map((attempt) => ({
    ...attempt,
    rationale: "```\n# hi @ada",
    reason: hostile,
  }));

  const text = decisionText({ ...input, open, run: { ...openRun, attempts } });

  expect(frontMatterOf(text)).toMatchObject({ decision: "approved", step: "re\n---\nview" });
  const outsideFence = text.replace(/````text\n[^]*?\n````/u, "");
  expect(outsideFence).not.toMatch(/<|(?<!\\)\]\(|@(?!&#8203;)/u);
  expect(["\u001b", "\u202e", "\u200b"].filter((sign) => text.includes(sign))).toEqual([]);
  expect(text).toContain("````text\n```\n# hi @ada\n````");
});

test("a hundred items are shown, the rest is counted", () => {
  const items = Array.from({ length: 120 }, (_, index) => ({
    show: "reminders",
    key: `INV-${index}`,
    step: "draft",
    digest: "d",
    outputs: { body: "x".repeat(500) },
  }));

  const text = decisionText({ ...input, open: { ...gateOpen, items } });

  expect(text.match(/^\| reminders \|/gmu)).toHaveLength(100);
  expect(text).toContain("and 20 more");
  expect(text.length).toBeLessThan(65_536);
});

test("a gate that goes on by itself says until when an objection counts", () => {
  const text = decisionText({ ...input, vetoUntil: "2026-11-22T12:03:00.000Z" });

  expect(text).toContain("Without an objection by 2026-11-22T12:03:00.000Z it goes on by itself");
});
