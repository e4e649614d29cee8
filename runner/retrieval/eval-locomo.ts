/** The LoCoMo data as questions on memory: a session is a run, a turn is a record, each conversation stands for itself. */
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { EvalGroup, EvalQuestion } from "./eval-set.ts";

interface Sample {
  readonly sample_id?: string;
  readonly conversation: Readonly<Record<string, unknown>>;
  readonly qa: readonly Asked[];
}

interface Asked {
  readonly question: string;
  readonly evidence?: readonly string[];
  readonly category: number;
}

interface Turn {
  readonly speaker: string;
  readonly dia_id: string;
  readonly text: string;
  /** What a picture in the turn shows. */
  readonly blip_caption?: string;
}

/** As the paper's code numbers them. */
const KINDS: Readonly<Record<number, string>> = {
  1: "multi-hop",
  2: "temporal",
  3: "open-domain",
  4: "single-hop",
  5: "adversarial",
};

const NOW = "2026-01-01T00:00:00.000Z";

/** Questions without evidence that can be found are left out. */
export function locomoGroups(text: string): readonly EvalGroup[] {
  const samples: readonly Sample[] = JSON.parse(text);
  return samples.map((sample, at) => groupOf(sample, sample.sample_id ?? String(at)));
}

function groupOf({ conversation, qa }: Sample, name: string): EvalGroup {
  const records = Object.entries(conversation).flatMap(([key, turns]) =>
    /^session_\d+$/u.test(key) && Array.isArray(turns) ? sessionOf(turns, `${name}-${key}`) : [],
  );
  const ids = new Set(records.map(({ id }) => id));
  const questions = qa
    .map((asked, at) => questionOf(asked, `${name}-${at}`, ids))
    .filter(({ evidence }) => evidence.length > 0);
  return { records, questions, asOf: NOW };
}

function sessionOf(turns: readonly Turn[], run: string): readonly StoredMemory[] {
  return turns.map(({ speaker, dia_id: id, text, blip_caption: shown = "" }, at) => ({
    id: turnId(id),
    namespace: "locomo",
    path: `memory/locomo/episode/${run}.jsonl`,
    blob: run,
    record: { kind: "episode", subject: speaker, source: { agent: speaker } },
    text: shown === "" ? text : `${text} ${shown}`,
    run,
    seq: at + 1,
  }));
}

function questionOf(asked: Asked, id: string, ids: ReadonlySet<string>): EvalQuestion {
  // Some name several turns in one string, or write D1:02 or D:1:2.
  const named = (asked.evidence ?? []).flatMap((text) => text.match(/D:?\d+:\d+/gu) ?? []);
  const evidence = [...new Set(named.map(turnId))].filter((one) => ids.has(one));
  const kind = KINDS[asked.category] ?? "other";
  return { id, kind, half: "all", question: asked.question, evidence };
}

function turnId(name: string): string {
  const [session, turn] = [...name.matchAll(/\d+/gu)].map(([digits]) => Number(digits));
  return `D${session}:${turn}`;
}
