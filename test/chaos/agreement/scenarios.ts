/** What may become of pushes, and what both interpreters of the protocol make of it. */
import type { Published, PushFate } from "../simulation/clone.ts";

/** `fact` is kept on a newer state, `permission` is refused there. */
export type Group = "fact" | "permission";

export interface Push {
  /** Another runner is faster by one group. */
  readonly hasRival?: boolean;
  readonly fate?: PushFate;
  /** Another runner builds on what was accepted before anybody looks. */
  readonly hasFollower?: boolean;
}

/** What is made durable, and one publication of all that is pending. */
export interface Life {
  readonly books: readonly Group[];
  /** One after the other; those that are not named are answered. */
  readonly pushes?: readonly Push[];
  /** Whether the origin can be read, question by question; yes where nothing is said. */
  readonly isRead?: readonly boolean[];
  readonly outcome: Published;
}

export interface Scenario {
  readonly name: string;
  readonly lives: readonly Life[];
  readonly end: End;
}

export interface End {
  /** Facts of this runner that stand at the origin, and groups of others. */
  readonly facts: number;
  readonly others: number;
  readonly pushes: number;
  /** Groups that still wait. */
  readonly waiting: number;
}

const RIVAL: Push = { hasRival: true };
const LOCKED: Push = { fate: "locked" };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "accepted",
    lives: [{ books: ["fact", "permission"], outcome: "as-seen" }],
    end: { facts: 1, others: 0, pushes: 1, waiting: 0 },
  },
  {
    name: "another was faster: the fact is pushed again, the permission is not",
    lives: [{ books: ["fact", "permission"], pushes: [RIVAL], outcome: "rebuilt" }],
    end: { facts: 1, others: 1, pushes: 2, waiting: 0 },
  },
  {
    name: "another was faster, and there were permissions only",
    lives: [{ books: ["permission"], pushes: [RIVAL], outcome: "rebuilt" }],
    end: { facts: 0, others: 1, pushes: 1, waiting: 0 },
  },
  {
    name: "no answer, and it was accepted",
    lives: [{ books: ["fact"], pushes: [{ fate: "answer-lost" }], outcome: "as-seen" }],
    end: { facts: 1, others: 0, pushes: 1, waiting: 0 },
  },
  {
    name: "no answer, it was accepted, and another has built on it",
    lives: [
      { books: ["fact"], pushes: [{ fate: "answer-lost", hasFollower: true }], outcome: "as-seen" },
    ],
    end: { facts: 1, others: 1, pushes: 1, waiting: 0 },
  },
  {
    name: "no answer, and it never arrived",
    lives: [{ books: ["fact"], pushes: [{ fate: "request-lost" }], outcome: "as-seen" }],
    end: { facts: 1, others: 0, pushes: 2, waiting: 0 },
  },
  {
    name: "no answer, and it was refused because another was faster",
    lives: [
      { books: ["fact"], pushes: [{ hasRival: true, fate: "answer-lost" }], outcome: "rebuilt" },
    ],
    end: { facts: 1, others: 1, pushes: 2, waiting: 0 },
  },
  {
    name: "no answer, and nobody can be asked",
    lives: [
      { books: ["fact"], pushes: [{ fate: "answer-lost" }], isRead: [false], outcome: "uncertain" },
    ],
    end: { facts: 1, others: 0, pushes: 1, waiting: 1 },
  },
  {
    name: "nobody can be asked what the faster one did",
    lives: [{ books: ["fact"], pushes: [RIVAL], isRead: [false], outcome: "unreachable" }],
    end: { facts: 0, others: 1, pushes: 1, waiting: 1 },
  },
  {
    name: "half of what is pending was accepted in an earlier life, without an answer",
    lives: [
      { books: ["fact"], pushes: [{ fate: "answer-lost" }], isRead: [false], outcome: "uncertain" },
      { books: ["fact"], outcome: "as-seen" },
    ],
    end: { facts: 2, others: 0, pushes: 2, waiting: 0 },
  },
  {
    name: "half of what is pending was accepted in an earlier life, and another has built on it",
    lives: [
      {
        books: ["fact"],
        pushes: [{ fate: "answer-lost", hasFollower: true }],
        isRead: [false],
        outcome: "uncertain",
      },
      { books: ["fact"], outcome: "rebuilt" },
    ],
    end: { facts: 2, others: 1, pushes: 3, waiting: 0 },
  },
  {
    name: "what was joined was accepted without an answer, and what comes after it is joined on it",
    lives: [
      {
        books: ["fact", "fact"],
        pushes: [{ fate: "answer-lost" }],
        isRead: [false],
        outcome: "uncertain",
      },
      { books: ["fact", "fact"], outcome: "as-seen" },
    ],
    end: { facts: 4, others: 0, pushes: 2, waiting: 0 },
  },
  {
    name: "what was joined was accepted without an answer, and another has built on it before the next",
    lives: [
      {
        books: ["fact", "permission", "fact"],
        pushes: [{ fate: "answer-lost", hasFollower: true }],
        isRead: [false],
        outcome: "uncertain",
      },
      { books: ["fact", "fact"], outcome: "rebuilt" },
    ],
    end: { facts: 4, others: 1, pushes: 3, waiting: 0 },
  },
  {
    name: "what was joined waits as one",
    lives: [{ books: ["fact", "fact"], pushes: [RIVAL], isRead: [false], outcome: "unreachable" }],
    end: { facts: 0, others: 1, pushes: 1, waiting: 1 },
  },
  {
    name: "another git holds the ref for a moment",
    lives: [{ books: ["fact"], pushes: [{ fate: "locked" }], outcome: "as-seen" }],
    end: { facts: 1, others: 0, pushes: 2, waiting: 0 },
  },
  {
    name: "somebody has left a lock behind",
    lives: [{ books: ["fact"], pushes: [LOCKED, LOCKED, LOCKED, LOCKED], outcome: "locked" }],
    end: { facts: 0, others: 0, pushes: 4, waiting: 1 },
  },
  {
    name: "the origin refuses, and takes it when it is asked later",
    lives: [
      { books: ["fact"], pushes: [{ fate: "refused" }], outcome: "refused" },
      { books: ["fact"], outcome: "as-seen" },
    ],
    end: { facts: 2, others: 0, pushes: 2, waiting: 0 },
  },
  {
    name: "others are faster again and again",
    lives: [
      {
        books: ["fact"],
        pushes: [RIVAL, RIVAL, RIVAL, RIVAL, RIVAL, RIVAL, RIVAL, RIVAL],
        outcome: "contended",
      },
    ],
    end: { facts: 0, others: 8, pushes: 8, waiting: 1 },
  },
];

/** What both interpreters are asked for. */
export interface Observation extends End {
  readonly outcomes: readonly Published[];
}

export function expectedOf({ lives, end }: Scenario): Observation {
  return { outcomes: lives.map(({ outcome }) => outcome), ...end };
}

/** The scripts of a life, read in turn. */
export class Script {
  readonly #pushes: Push[];
  readonly #reads: boolean[];

  constructor({ pushes = [], isRead = [] }: Pick<Life, "pushes" | "isRead">) {
    this.#pushes = [...pushes];
    this.#reads = [...isRead];
  }

  nextPush(): Push {
    return this.#pushes.shift() ?? {};
  }

  nextRead(): boolean {
    return this.#reads.shift() ?? true;
  }
}
