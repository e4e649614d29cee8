import { expect, test } from "vitest";
import type { ProposalInput } from "#runner/core/gate/proposal-input.ts";
import { briefingProposal, proposalText } from "#runner/report/proposal-text.ts";
import type { Pipeline } from "#runner/schema/types.gen.ts";
import { gate, openRun } from "./example.ts";
import { dangersIn, hostile } from "./hostile.ts";

const item = firstOf(gate.items);
const attempt = firstOf(openRun.attempts);

function firstOf<Value>([first]: readonly Value[]): Value {
  if (first === undefined) throw new Error("the example shows nothing");
  return first;
}

function input(more: Partial<ProposalInput> = {}): ProposalInput {
  const outputs = { subject: "Invoice INV-1", body: "Dear Müller & Söhne,\n\nplease pay." };
  return { gate, run: openRun, items: [{ item: item, outputs }], policy: undefined, ...more };
}

/** Lines outside of fences: what GitHub reads as Markdown. */
function plainLines(body: string): readonly string[] {
  let fence: string | null = null;
  return body.split("\n").filter((line) => {
    const ticks = /^(`{3,})/u.exec(line)?.[1];
    if (ticks === undefined) return fence === null;
    if (fence === null) fence = ticks;
    else if (line === fence) fence = null;
    return false;
  });
}

test("the pull request shows what will be sent, the risk, the cost, what follows and how to answer", () => {
  expect(proposalText(input())).toMatchInlineSnapshot(`
    {
      "body": "**Merge** = approve · **Close** = reject · **edit the files, then merge** = approve your version

    - high risk 78 of 100: +40 effects are external, +38 new template
    - 0.008 USD spent so far; what follows may take 0.05 USD more at most
    - Made by \`invoice-ledger\` 2.1.0, \`reminder-writer\` 2.1.0, \`reminder-writer\` 2.1.0 (by template, because model default: no key ANTHROPIC\\_API\\_KEY)
    - collections / chase-invoices, because goal no-silent-overdue is not met: 9, at most 0
    - Without an answer by 2026-11-24T08:03:00.000Z it is rejected.

    ## What you approve

    ### reminders: INV-1

    \`\`\`text
    subject: Invoice INV-1

    body:
    Dear Müller & Söhne,

    please pay.
    \`\`\`

    ## What happens next

    - \`send\` runs \`mailer\` for each item. Sends a mail. **It reaches the outside world.** It cannot be undone: a sent mail cannot be recalled.

    ## Alternatives

    | If you | then |
    | --- | --- |
    | merge it as it stands | all of it happens, for 0.05 USD at most |
    | delete files of items, then merge | the others of the 2 items go on, each for about 0.025 USD at most |
    | edit it, then merge | your version happens; the rest is as above |
    | ask for changes in a review | it is made anew with your note and asked again; where that cannot be, the note waits for you |
    | close it | nothing of it happens, the run ends, and the same content is not asked for again. |
    | do nothing | after 2026-11-24T08:03:00.000Z it is rejected |

    ## So far

    - Run: \`chase-invoices.k3f9q2m7x0aa\`, because goal no-silent-overdue is not met: 9, at most 0
    - Cost: 0.008 USD
    - Not among them: INV-3 (subject is missing)

    The agent says (not checked):

    \`\`\`text
    Friendly first reminder; the client usually pays after one.
    \`\`\`

    ## How to answer

    - **Approve**: merge this pull request.
    - **Approve something else**: edit the files in \`memory/collections/decisions/chase-invoices-4f8k2m1q\` on the branch (only \`outputs\`), then merge. Delete a file to leave its item out.
    - **Reject**: close this pull request.
    - In a comment: \`/fettle approve\` or \`/fettle reject <reason>\`; \`/fettle explain\` says what the risk is made of.
    - In a terminal: \`fettle approve chase-invoices-4f8k2m1q\`, \`fettle reject chase-invoices-4f8k2m1q --reason "..."\`

    <details><summary>The run</summary>

    \`\`\`mermaid
    flowchart TD
      s0["find"]:::done
      s1["draft"]:::done
      s2["review"]:::waits
      s3["send"]
      s0 --> s1
      s1 --> s2
      s2 --> s3
      classDef done opacity:0.6
      classDef waits stroke-width:3px
    \`\`\`

    </details>

    <!-- fettle:proposal sha256:5eb769e05b1a6a5721e5035424ee08d1f2490aea876b9abfc485a22221dc2154 -->
    ",
      "labels": [
        "fettle",
      ],
      "title": "Send the reminders · high risk 78",
    }
  `);
});

test.each([
  hostile,
  "````\n</details> <!-- fettle:proposal x --> @ada fixes #1",
  "```mermaid\nclick A call evil()\n```\n~~~~\nCloses northwind/company#7",
  "<!--",
  "| a | b |\n|---|---|\n**Merge** = reject\r\n# Approved",
])("nothing of what an agent says acts: %j", (text) => {
  const evil: ProposalInput = input({
    gate: { ...gate, title: text, risk: { score: 90, factors: [{ points: 90, why: text }] } },
    items: [{ item: { ...item, key: text }, outputs: { [text]: text, body: text } }],
    run: {
      ...openRun,
      record: { ...openRun.record, because: text },
      attempts: openRun.attempts.map((one) => ({ ...one, rationale: text })),
    },
  });

  const { title, body } = proposalText(evil);

  const lines = plainLines(body);
  // Commands to GitHub Actions are read in logs, not here.
  const dangers = dangersIn(body).filter((sign) => !/^(?:::|##\[)/u.test(sign));
  expect(dangers).toEqual([]);
  expect(title).not.toMatch(/[\n\r]|@\w|#\d/u);
  expect(
    lines.filter((line) => /@\w|(?:fix|close|resolve)\w*:? \S*(?<!&)#\d/iu.test(line)),
  ).toEqual([]);
  expect(lines.filter((line) => line.includes("<!--"))).toEqual([
    body.trimEnd().split("\n").at(-1),
  ]);
  expect(lines.filter((line) => line.startsWith("<"))).toHaveLength(3);
});

test("What does not fit is cut between items and said; the body stays below GitHub's limit, and closed.", () => {
  const long = "x".repeat(11_000);
  const items = Array.from({ length: 20 }, (_, index) => ({
    item: { ...item, key: `INV-${index}` },
    outputs: { body: index === 0 ? `${"`".repeat(40)}\n${"y".repeat(50_000)}` : long },
  }));

  const { body } = proposalText(input({ items }));

  expect(body.length).toBeLessThan(60_000);
  expect(body).toContain("more items that do not fit here");
  expect(body).toContain("cut here: ");
  expect(plainLines(body).join("\n")).toContain("## How to answer");
});

test("A run of any size leaves room for how to answer.", () => {
  const attempts = Array.from({ length: 3000 }, (_, index) => ({
    ...attempt,
    item: `item-${index}`,
    outcome: "timeout" as const,
    reason: "too slow ".repeat(20),
  }));

  const { body } = proposalText(input({ run: { ...openRun, attempts } }));

  expect(body.length).toBeLessThan(60_000);
  expect(body).toContain("The rest does not fit here");
});

test("of a cap it says what becomes of it, and where another amount is written; what was done before is undone by whom", () => {
  const raises = {
    file: "fettle.yaml",
    per: "month",
    axis: "micros",
    from: 10_000_000,
    to: 12_000_000,
    until: null,
  } as const;
  const steps = openRun.pipeline.steps.map((one) =>
    one.id === "draft" ? { ...one, compensate: { agent: "eraser@^1" } } : one,
  );
  const [first, ...others] = steps;
  if (first === undefined) throw new Error("the example has no steps");
  const pipeline: Pipeline = { ...openRun.pipeline, steps: [first, ...others] };
  const run = { ...openRun, pipeline };

  const { body } = proposalText(input({ gate: { ...gate, raises, items: [] }, run, items: [] }));

  expect(body).toContain(
    "A higher cap in `fettle.yaml`: 10 USD per month becomes 12 USD per month.",
  );
  expect(body).toContain("edit `fettle.yaml` on the branch, then merge.");
  expect(body).toContain("What `draft` did is undone by `eraser`.");
  expect(body).not.toContain("delete files of items");
});

test("the pull request of a briefing stays within what GitHub takes, and says so", () => {
  const index = `# Briefing\n\n${"| 1 | Send the mails |\n".repeat(5000)}`;

  const { body } = briefingProposal({ id: "briefing-1", head: "abc", index });

  expect(body.length).toBeLessThanOrEqual(60_000);
  expect(body).toMatch(
    /\*\*The rest does not fit here\*\*.*\n\n<!-- fettle briefing-1 abc -->\n$/u,
  );
});
