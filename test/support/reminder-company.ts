/** A goal, a pipeline with a gate and an external effect: everything that a run can go through. */
import type { Workspace } from "#runner/core/model.ts";
import type { Pipeline } from "#runner/schema/types.gen.ts";
import {
  agent,
  gateStep,
  goal,
  mailer,
  pipeline,
  project,
  step,
  workspace,
} from "./core-builders.ts";
import { Company, type Agents } from "./planned-company.ts";

/** find → draft each → review → send each → record */
export function chase(changes: Partial<Pipeline> = {}): Pipeline {
  const steps = [
    step("find"),
    step("draft", {
      forEach: "${{ steps.find.outputs.overdue }}",
      itemKey: "${{ item.number }}",
      with: { number: "${{ item.number }}" },
    }),
    gateStep("review", { drafts: "${{ steps.draft.items }}" }),
    step("send", {
      agent: "mailer",
      forEach: "${{ steps.review.approved.drafts }}",
      itemKey: "${{ item.key }}",
      with: { text: "${{ item.outputs.text }}" },
      once: { key: "reminder/${{ item.key }}", every: "14d" },
      compensate: { none: "a sent mail cannot be recalled" },
    }),
    step("record", { with: { sent: "${{ steps.send.items }}" } }),
  ];
  return pipeline(steps, { triggers: { goal: "paid" }, ...changes });
}

export function reminders(
  changes: Partial<Pipeline> = {},
  more: readonly Pipeline[] = [],
): Workspace {
  const others = more.map((one, index) => [`other-${index}`, one] as const);
  return workspace([
    project({
      manifest: { goals: { paid: goal() } },
      pipelines: { chase: chase(changes), ...Object.fromEntries(others) },
      agents: ["counter", "find", "draft", "record"].map((name) => agent(name)).concat(mailer()),
    }),
  ]);
}

/** A company with two overdue invoices, and the letters that went out. */
export class ReminderCompany extends Company {
  readonly overdue = new Set(["INV-1", "INV-2"]);
  readonly letters: unknown[] = [];

  constructor(changes: Workspace = reminders(), agents: Agents = {}) {
    super(changes, {
      counter: () => ({ outputs: { count: this.overdue.size } }),
      find: () => ({ outputs: { overdue: [...this.overdue].map((number) => ({ number })) } }),
      draft: ({ inputs }) => ({ outputs: { text: `Please pay ${String(inputs["number"])}.` } }),
      mailer: ({ item, inputs }) => {
        this.letters.push(inputs["text"]);
        this.overdue.delete(item ?? "");
        return {};
      },
      record: () => ({ files: { "projects/shop/log.csv": "c".repeat(40) } }),
      ...agents,
    });
  }
}
