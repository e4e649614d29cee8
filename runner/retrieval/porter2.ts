/** Stems of English words, by the Snowball project's "English" algorithm (Porter2). */

const WHOLE: Readonly<Record<string, string>> = {
  skis: "ski",
  skies: "sky",
  dying: "die",
  lying: "lie",
  tying: "tie",
  idly: "idl",
  gently: "gentl",
  ugly: "ugli",
  early: "earli",
  only: "onli",
  singly: "singl",
};
const UNCHANGED = new Set(["sky", "news", "howe", "atlas", "cosmos", "bias", "andes"]);
const DONE_AFTER_PLURAL = new Set([
  "inning",
  "outing",
  "canning",
  "herring",
  "earring",
  "proceed",
  "exceed",
  "succeed",
]);
const DOUBLE = /(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/u;
const SHORT_SYLLABLE = /(?:[^aeiouy][aeiouy][^aeiouywxY]|^[aeiouy][^aeiouy])$/u;
const VOWEL = /[aeiouy]/u;

type Replacement = readonly [ending: string, by: string, before?: RegExp];

const DERIVED: readonly Replacement[] = longestFirst([
  ["tional", "tion"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["abli", "able"],
  ["entli", "ent"],
  ["izer", "ize"],
  ["ization", "ize"],
  ["ational", "ate"],
  ["ation", "ate"],
  ["ator", "ate"],
  ["alism", "al"],
  ["aliti", "al"],
  ["alli", "al"],
  ["fulness", "ful"],
  ["ousli", "ous"],
  ["ousness", "ous"],
  ["iveness", "ive"],
  ["iviti", "ive"],
  ["biliti", "ble"],
  ["bli", "ble"],
  ["ogi", "og", /l$/u],
  ["fulli", "ful"],
  ["lessli", "less"],
  ["li", "", /[cdeghkmnrt]$/u],
]);
const FORMED: readonly Replacement[] = longestFirst([
  ["tional", "tion"],
  ["ational", "ate"],
  ["alize", "al"],
  ["icate", "ic"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ful", ""],
  ["ness", ""],
]);
const LAST =
  /(?:al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ism|ate|iti|ous|ive|ize|(?<=[st])ion)$/u;

/** Of a lower-case word without apostrophes. */
export function porter2(word: string): string {
  if (word.length <= 2 || UNCHANGED.has(word)) return word;
  const whole = WHOLE[word];
  if (whole !== undefined) return whole;
  // A y that is not a vowel counts as a consonant.
  const marked = word.replaceAll(/^y|(?<=[aeiouy])y/gu, "Y");
  const [r1, r2] = regions(marked);
  const singular = withoutPlural(marked);
  if (DONE_AFTER_PLURAL.has(singular)) return singular;
  const plain = withoutTense(singular, r1).replace(/(?<=.[^aeiouy])[yY]$/u, "i");
  const derived = replaced(replaced(plain, DERIVED, r1), FORMED, r1);
  const formed = cut(derived, /ative$/u, r2);
  return withoutE(cut(formed, LAST, r2), [r1, r2]).toLowerCase();
}

/** Where the parts begin in which endings count. */
function regions(word: string): readonly [r1: number, r2: number] {
  const special = /^(?:gener|commun|arsen)/u.exec(word)?.[0];
  const r1 = special === undefined ? afterSyllable(word, 0) : special.length;
  return [r1, afterSyllable(word, r1)];
}

function afterSyllable(word: string, from: number): number {
  const at = /[aeiouy][^aeiouy]/u.exec(word.slice(from))?.index;
  return at === undefined ? word.length : from + at + 2;
}

function withoutPlural(word: string): string {
  if (word.endsWith("sses")) return word.slice(0, -2);
  if (/ie[ds]$/u.test(word)) return word.slice(0, word.length > 4 ? -2 : -1);
  if (/[us]s$/u.test(word) || !word.endsWith("s")) return word;
  return VOWEL.test(word.slice(0, -2)) ? word.slice(0, -1) : word;
}

function withoutTense(word: string, r1: number): string {
  const eed = /eed(?:ly)?$/u.exec(word);
  if (eed !== null) return eed.index >= r1 ? word.slice(0, eed.index + 2) : word;
  const ending = /(?:ed|ing)(?:ly)?$/u.exec(word);
  const rest = ending === null ? word : word.slice(0, ending.index);
  if (ending === null || !VOWEL.test(rest)) return word;
  if (/(?:at|bl|iz)$/u.test(rest)) return `${rest}e`;
  if (DOUBLE.test(rest)) return rest.slice(0, -1);
  return rest.length <= r1 && SHORT_SYLLABLE.test(rest) ? `${rest}e` : rest;
}

/** Only the longest ending counts, even where it may not be replaced. */
function replaced(word: string, endings: readonly Replacement[], from: number): string {
  const found = endings.find(([ending]) => word.endsWith(ending));
  if (found === undefined) return word;
  const [ending, by, before = /(?:)/u] = found;
  const rest = word.slice(0, -ending.length);
  return rest.length >= from && before.test(rest) ? rest + by : word;
}

function cut(word: string, ending: RegExp, from: number): string {
  const at = ending.exec(word)?.index ?? -1;
  return at >= from ? word.slice(0, at) : word;
}

function withoutE(word: string, [r1, r2]: readonly [number, number]): string {
  const rest = word.slice(0, -1);
  if (word.endsWith("ll")) return rest.length >= r2 ? rest : word;
  if (!word.endsWith("e")) return word;
  const goes = rest.length >= r2 || (rest.length >= r1 && !SHORT_SYLLABLE.test(rest));
  return goes ? rest : word;
}

function longestFirst(endings: readonly Replacement[]): readonly Replacement[] {
  return endings.toSorted(([one], [other]) => other.length - one.length);
}
