/** What the simulated runners run: two pipelines that want the same mails. */
import type { Workspace } from "#runner/core/model.ts";
import type { Agent, Pipeline } from "#runner/schema/types.gen.ts";
import { agent, mailer, pipeline, project, step, workspace } from "../../support/core-builders.ts";

export type Idempotency = NonNullable<Agent["idempotency"]>;

export const PEOPLE = ["ann", "bob", "cid"];
/** Fewer than both pipelines want in a day, so that the cap is felt. */
export const MAILS_A_DAY = 4;
export const PIPELINES = ["first", "second"];

/** find → draft each → send each → log */
function mails(): Pipeline {
  return pipeline(
    [
      step("find"),
      step("draft", {
        forEach: "${{ steps.find.outputs.people }}",
        itemKey: "${{ item.name }}",
        with: { name: "${{ item.name }}", mark: "${{ steps.find.outputs.mark }}" },
      }),
      step("send", {
        agent: "mailer",
        forEach: "${{ steps.draft.items }}",
        itemKey: "${{ item.key }}",
        with: { text: "${{ item.outputs.text }}" },
        once: { key: "mail/${{ item.key }}", every: "12h", max: 4 },
        compensate: { none: "a sent mail cannot be recalled" },
      }),
      step("log", { with: { sent: "${{ steps.send.items }}" } }),
    ],
    { concurrency: { policy: "queue" } },
  );
}

export function company(idempotency: Idempotency): Workspace {
  const effectLimits: Agent["effectLimits"] = [{ per: "day", count: MAILS_A_DAY }];
  const agents = ["find", "draft", "log"].map((name) => agent(name));
  return workspace([
    project({
      pipelines: Object.fromEntries(PIPELINES.map((name) => [name, mails()])),
      agents: [...agents, mailer({ idempotency, effectLimits })],
    }),
  ]);
}
