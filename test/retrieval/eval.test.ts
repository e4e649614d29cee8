import { expect, test } from "vitest";
import { locomoGroups } from "#runner/retrieval/eval-locomo.ts";
import { doubt, measuresOf } from "#runner/retrieval/eval-metrics.ts";
import { evaluate } from "#runner/retrieval/evaluate.ts";
import { givenRetriever, minisearch, RANKER_IN_PROCESS } from "#runner/retrieval/retriever.ts";
import { studioYear } from "./fixture-group.ts";

function answered(
  evidence: readonly string[],
  ids: readonly string[],
  top = 1,
): Parameters<typeof measuresOf>[0][number] {
  const question = { id: "q", kind: "single-hop", half: "open", question: "?", evidence };
  return { question, hits: ids.map((id, at) => ({ id, score: top / (at + 1) })), ms: 1 };
}

test("recall is the mean share of the evidence among the first, and what stands in front gains more", () => {
  const others = Array.from({ length: 6 }, (_, at) => `other-${at}`);

  const measures = measuresOf([
    answered(["a", "b"], ["a", ...others, "b"]),
    answered(["a"], ["x", "a"]),
    answered([], ["a"]),
  ]);

  expect(measures).toMatchObject({ questions: 2, recall5: 0.75, recall10: 1, recall25: 1 });
  const first = (1 + 1 / Math.log2(9)) / (1 + 1 / Math.log2(3));
  expect(measures.ndcg10).toBeCloseTo((first + 1 / Math.log2(3)) / 2, 9);
});

test("doubt is how often a question with an answer outscores one without", () => {
  expect(doubt([answered(["a"], ["a"], 3), answered([], ["x"], 2), answered([], [])])).toBe(1);
  expect(doubt([answered(["a"], ["a"], 2), answered([], ["x"], 2)])).toBe(0.5);
  expect(doubt([answered(["a"], ["a"])])).toBeNull();
});

const CONVERSATION = {
  sample_id: "made-up",
  conversation: {
    speaker_a: "Ines",
    session_1_date_time: "1:00 pm on 3 May, 2026",
    session_1: [
      { speaker: "Ines", dia_id: "D1:1", text: "What did you paint?" },
      { speaker: "Tom", dia_id: "D1:2", text: "A boat.", blip_caption: "a red boat on a lake" },
    ],
    session_2: [{ speaker: "Tom", dia_id: "D2:1", text: "I sold it on Friday." }],
  },
  qa: [
    { question: "What did Tom paint?", evidence: ["D1:02"], category: 4 },
    { question: "What became of the boat?", evidence: ["D1:2; D:2:1"], category: 1 },
    { question: "Whose lake is it?", evidence: ["D9:9"], category: 3 },
    { question: "On which day was it sold?", evidence: ["D2:1"], category: 2, answer: "Friday" },
  ],
};

test("LoCoMo data are read as runs, with pictures as words and evidence as it is meant", async () => {
  const [group] = locomoGroups(JSON.stringify([CONVERSATION]));

  expect(group?.records.map(({ id, run, seq, text }) => [id, run, seq, text])).toEqual([
    ["D1:1", "made-up-session_1", 1, "What did you paint?"],
    ["D1:2", "made-up-session_1", 2, "A boat. a red boat on a lake"],
    ["D2:1", "made-up-session_2", 1, "I sold it on Friday."],
  ]);
  expect(group?.questions.map(({ kind, evidence }) => [kind, ...evidence])).toEqual([
    ["single-hop", "D1:2"],
    ["multi-hop", "D1:2", "D2:1"],
    ["temporal", "D2:1"],
  ]);
  const [row] = await evaluate(RANKER_IN_PROCESS, group === undefined ? [] : [group]);
  expect(row).toMatchObject({ half: "all", all: { questions: 3 } });
  // What became of the boat is said in another session, without a word that the question has.
  expect(row?.all.recall5).toBeCloseTo(5 / 6, 9);
});

test("on the half that was held back the ranker finds far more than minisearch", async () => {
  const year = studioYear();
  const questions = year.questions.filter(({ half }) => half === "held-back");
  const peer = await minisearch();

  const [ours] = await evaluate(RANKER_IN_PROCESS, [{ ...year, questions }]);
  const [theirs] = await evaluate(peer ?? RANKER_IN_PROCESS, [{ ...year, questions }]);

  expect(theirs?.retriever).toBe("minisearch");
  expect((ours?.all.recall10 ?? 0) - (theirs?.all.recall10 ?? 1)).toBeGreaterThanOrEqual(0.15);
});

test("a retriever of one's own gives ids or hits, and sees only what is in force", async () => {
  const year = studioYear();
  const replaced = new Set(year.records.flatMap(({ record }) => record.supersedes ?? []));
  let seen = 0;
  const own = givenRetriever("mine", (records, _, most) => {
    seen = records.length;
    return records.some(({ id }) => replaced.has(id))
      ? []
      : records.slice(0, most).map(({ id }) => id);
  });

  const rows = await evaluate(own, [{ ...year, questions: year.questions.slice(0, 20) }]);

  expect(rows.map(({ retriever }) => retriever)).toContain("mine");
  expect(seen).toBe(year.records.length - replaced.size);
});
