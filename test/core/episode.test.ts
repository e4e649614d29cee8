import { expect, test } from "vitest";
import { episodeLines, episodesIn, renderEpisode, withoutLines } from "#runner/core/episode.ts";
import { agent, openRun, pipeline, step } from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";

const PATH = "memory/shop/episode/2026/11/chase.aaaaaaaaaaaa.jsonl";

test("what a run tells of itself comes back line by line, with the run and the place in it", () => {
  const of = pipeline([step("draft"), step("look")]);
  const attempts = [
    attempt("draft", { rationale: "The client likes\nshort mails." }),
    attempt("draft", { attempt: 2 }),
    attempt("look", { rationale: "Read in the news." }),
    attempt("look", { rationale: "Taken over.", keptFrom: { run: "other", attempt: 1 } }),
  ];
  const agents = new Map([
    ["draft", agent("draft")],
    ["look", agent("look", { network: ["example.com:443"] })],
  ]);
  const lines = episodeLines({ ...openRun(of, { attempts }), agents });

  const records = episodesIn({ path: PATH, blob: "b", text: `${renderEpisode(lines)}no line\n` });

  expect(records).toMatchObject([
    {
      id: "chase.aaaaaaaaaaaa#1",
      run: "chase.aaaaaaaaaaaa",
      seq: 1,
      text: "The client likes short mails.",
      record: { kind: "episode", subject: "run/chase", trust: "internal" },
    },
    { id: "chase.aaaaaaaaaaaa#2", seq: 2, record: { trust: "external" } },
  ]);
});

function line(seq: number): string {
  return `{"seq":${seq},"step":"a","agent":"a","at":"t","trust":"internal","text":"x"}\n`;
}

test("lines of an episode are forgotten one by one", () => {
  expect(withoutLines(`${line(1)}${line(2)}`, new Set([1]))).toBe(line(2));
  expect(withoutLines(line(1), new Set([1]))).toBeNull();
});
