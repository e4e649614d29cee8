/** Text → the terms that the index counts. */
import { wordsOf } from "#runner/core/memory-text.ts";

const STOP_WORDS = new Set(
  `a an and are as at be but by for from has have he her his i if in into is it its me my no not of on or our she so
   than that the their them then there these they this to too was we were what when which who will with you your
   aber als am an auch auf aus bei bin bis das dass dem den der des die du ein eine einem einen einer es für hat ich
   ihr im in ist ja mit nach nicht noch nur oder sein sie sind so über um und uns von vor war was wenn wir zu zum zur`
    .split(/\s+/)
    .flatMap(wordsOf),
);

/** Longest ending first; what is left keeps at least four letters. */
const ENDINGS = [
  "ingly",
  "ments",
  "edly",
  "ings",
  "ment",
  "ness",
  "ies",
  "ing",
  "ers",
  "ed",
  "es",
  "en",
  "er",
  "ly",
  "s",
];
const SHORTEST_STEM = 4;

/** Words without accents, stop words and common endings, in reading order. */
export function termsOf(text: string): string[] {
  return wordsOf(text)
    .filter((word) => !STOP_WORDS.has(word))
    .map(stem);
}

function stem(word: string): string {
  if (/\p{N}/u.test(word)) return word;
  const ending = ENDINGS.find(
    (end) => word.endsWith(end) && word.length - end.length >= SHORTEST_STEM,
  );
  return ending === undefined ? word : word.slice(0, -ending.length);
}
