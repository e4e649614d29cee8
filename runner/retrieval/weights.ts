/** How much each sign counts; the names of a version never change their meaning. */

/** Changes with every weight and rule of ranking: provenance names it. */
export const RANKER = "neighbours-2";

export const WEIGHTS = {
  /** BM25: how soon repetition stops counting, and how much length counts. */
  saturation: 0.9,
  lengthShare: 0.4,
  /** Of the record before, of one that ends in a question, and of the record after, each weaker by `decay` a place. */
  previous: 0.35,
  question: 0.7,
  next: 0.2,
  decay: 0.7,
  width: 4,
  /** Of the whole run. */
  run: 2,
  /** Share of what is asked that is said here, just before, or near. */
  coverage: 0.5,
  coveredBefore: 0.8,
  coveredNear: 0.5,
  nearBefore: 3,
  nearAfter: 2,
  /** For long records, by the logarithm of the ratio to the mean. */
  length: 0.1,
  actor: 1.3,
  when: 1.4,
  pinned: 1.25,
  /** An answer that a newer one to the same question stands beside. */
  olderAnswer: 0.8,
  /** Share of a score that fades, and days in which it halves; for episodes and heuristics. */
  fading: 0.2,
  halfLifeDays: 90,
  /** Of the best score by words, for the record that an embedder holds for the nearest. */
  meaning: 0.3,
  /** Added for the subject itself, and for what lies below or above it. */
  sameSubject: 30,
  nearSubject: 10,
} as const;
