/** What the simulated runners run: two pipelines that want the same mails. */
import type { Workspace } from "#runner/core/model.ts";
import type { Agent, Pipeline, WaitStep } from "#runner/schema/types.gen.ts";
import { agent, mailer, pipeline, project, step, workspace } from "../../support/core-builders.ts";

export type Idempotency = NonNullable<Agent["idempotency"]>;

export const PEOPLE = ["ann", "bob", "cid"];
/** Fewer than both pipelines want in a day, so that the cap is felt. */
export const MAILS_A_DAY = 4;
/** Waits before it sends, and lets a newer run take the place of one that has not sent yet. */
export const SLOW = "second";
export const PIPELINES = ["first", SLOW];

const TURN = { turn: "${{ iteration.number }}" };
const PAUSE: WaitStep = { id: "pause", wait: { for: "1m" }, needs: ["draft"] };
const REST: WaitStep = { id: "rest", wait: { for: "5m" }, needs: ["send"] };

/** find → draft each → send each → log; one of them takes its time, and the place of a run that has not sent yet */
function mails(isSlow: boolean): Pipeline {
  return pipeline(
    [
      step("find", isSlow ? { repeat: { until: "outputs.turn >= 2", max: 3 }, with: TURN } : {}),
      ...(isSlow ? [PAUSE, REST] : []),
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
        ...(isSlow ? { needs: ["pause"] } : {}),
        once: { key: "mail/${{ item.key }}", every: "12h", max: 4 },
        compensate: { none: "a sent mail cannot be recalled" },
      }),
      step("log", { with: { sent: "${{ steps.send.items }}" } }),
    ],
    { concurrency: { policy: isSlow ? "replace" : "queue" } },
  );
}

export function company(idempotency: Idempotency): Workspace {
  const effectLimits: Agent["effectLimits"] = [{ per: "day", count: MAILS_A_DAY }];
  const agents = ["find", "draft", "log"].map((name) => agent(name));
  return workspace([
    project({
      pipelines: Object.fromEntries(PIPELINES.map((name) => [name, mails(name === SLOW)])),
      agents: [...agents, mailer({ idempotency, effectLimits })],
    }),
  ]);
}
