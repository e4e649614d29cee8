/** `fettle memory review`: what of memory needs a person's look. */
import { contradictions } from "#runner/core/memory/memory-contradiction.ts";
import { agingRecords } from "#runner/core/memory/memory-retention.ts";
import { isProposed, MEMORY_REVIEW } from "#runner/core/memory/memory-review.ts";
import { memoryUses } from "#runner/core/memory/memory-use.ts";
import { renderMemoryReview, type ReviewItem } from "#runner/report/memory-text.ts";
import { attemptsOf, seeingMemory, type KnownMemory, type SeenMemory } from "./seeing-memory.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function memoryReviewVerb(context: VerbContext): Promise<Answer> {
  return seeingMemory(context, null, async (memory) => {
    const uses = memoryUses(await attemptsOf(memory.sight));
    const active = memory.records.filter(({ standing }) => standing.kind === "active");
    const aging = agingRecords(memory.records, { uses, now: memory.at });
    const items = [
      ...waiting(memory),
      ...contradictions(active).map(contradictionItem),
      ...aging.map(agingItem),
    ];
    const text = renderMemoryReview(items, context.look);
    return { exit: "ok", text, json: { items } };
  });
}

function waiting({ sight: { observed } }: SeenMemory): readonly ReviewItem[] {
  const gates = [...observed.gates.values()].map(({ record }) => record);
  return [...observed.summaries.projects.values()].flatMap(({ project, pending }) => {
    const proposed = pending.filter(isProposed);
    if (proposed.length === 0) return [];
    const gate = gates.find(
      (record) => record.project === project && record.pipeline === MEMORY_REVIEW,
    );
    const how =
      gate === undefined ? "its gate opens with fettle reconcile" : `fettle approve ${gate.id}`;
    const lines = proposed.map(({ asks, path }) => `${path}: ${asks.says} (${asks.why})`);
    return [{ what: `waits for you in ${project}`, lines: [...lines, how] }];
  });
}

function contradictionItem(group: readonly KnownMemory[]): ReviewItem {
  const [first] = group;
  const { subject = "", attribute = "" } = first?.record ?? {};
  return {
    what: `${subject} has ${group.length} answers to ${attribute}`,
    lines: [
      ...group.map(({ id, text }) => `${id}: ${text}`),
      `fettle memory retract <id> --reason "…"`,
    ],
  };
}

function agingItem({ id, record, text, path }: KnownMemory): ReviewItem {
  const day = record.recordedAt?.slice(0, 10) ?? "";
  return {
    what: `${id} of ${day}: no run has confirmed it for half a year`,
    lines: [`${record.subject}: ${text}`, `${path}; if it holds: fettle memory pin ${id}`],
  };
}
