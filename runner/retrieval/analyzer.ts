/** Text → the terms that an index counts; the same at indexing and at search. */
import { wordsOf } from "#runner/core/memory/memory-text.ts";
import { porter2 } from "./porter2.ts";

/** Changes whenever the same text may give other terms: an index of another analyzer is built anew. */
export const ANALYZER = "words-porter2-1";

const STOP_WORDS = new Set(
  `a about all also am an and any are as at be been being but by can could did do does for from had has have he her
   his how i if in into is it its just may me might must my no nor not of off on or our out own shall she should so
   some such than that the their them then there these they this those to too up us very was we were what when where
   which while who whom whose why will with would you your
   aber als auch auf aus bei bin bis das dass dem den der des die du ein eine einem einen einer es für hat ich
   ihr im ist ja mit nach nicht noch nur oder sein sie sind über um und uns von vor war wenn wer wie wir wo zu zum zur`
    .split(/\s+/u)
    .flatMap(wordsOf),
);

const stems = new Map<string, string>();
const MOST_STEMS = 200_000;

/** Words without accents, possessives, stop words and endings, in reading order. */
export function termsOf(text: string): string[] {
  return wordsOf(text.replaceAll(/['’]s(?![\p{L}\p{N}])/gu, ""))
    .filter((word) => !STOP_WORDS.has(word))
    .map(stemOf);
}

function stemOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  if (stems.size >= MOST_STEMS) stems.clear();
  const stem = stemmed(word);
  stems.set(word, stem);
  return stem;
}

/** A number in it makes it a name; German plurals lose their ending before English rules apply. */
function stemmed(word: string): string {
  if (/\p{N}/u.test(word)) return word;
  return porter2(word.replace(/(?<=ung|heit|keit|schaft)en$/u, ""));
}
