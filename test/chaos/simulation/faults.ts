/** How unkind a simulated world may be. */

/** How unkind the world is; each a probability at every opportunity. */
export interface Faults {
  readonly crash: number;
  readonly pause: number;
  /** Pauses that last longer than an effect must wait for the next time of its key. */
  readonly longPause: number;
  readonly lostAnswer: number;
  /** Lost answers after which nothing is heard for a while. */
  readonly outage: number;
  readonly unreachable: number;
  /** Pushes that find another git at the same ref, or an origin that takes nothing; both for a while. */
  readonly locked: number;
  readonly refused: number;
  /** Attempts of agents that fail. */
  readonly failure: number;
  /** Largest difference of the clocks of two runners. */
  readonly skewMs: number;
  /** Attempts that last longer than a claim. */
  readonly lasting: number;
  /** Runs that somebody asks for. */
  readonly asking: number;
  /** An operator is at work, too. */
  readonly operator: boolean;
  /** Gates go on by themselves where the operator says nothing in time. */
  readonly silent: boolean;
  /** Agents save what they have half-way. */
  readonly saving: boolean;
  /** Old records are folded between ticks, and pauses may last more than a week. */
  readonly compacting: boolean;
  /** Models are asked, and there is little money. */
  readonly paid: boolean;
  /** The operator has little time: gates queue for briefings, and there are questions to answer; what is asked for is pushed like anything else. */
  readonly busy: boolean;
  /** One of the runners hands steps out to lanes. */
  readonly lanes: boolean;
  /** Ticks that do not begin where they could: a runner that is asked now and then. */
  readonly resting: number;
}

export const UNKIND: Faults = {
  crash: 0.01,
  pause: 0.01,
  longPause: 0.1,
  lostAnswer: 0.15,
  outage: 0.3,
  unreachable: 0.03,
  locked: 0,
  refused: 0,
  failure: 0.03,
  skewMs: 40_000,
  lasting: 0.01,
  asking: 0.012,
  operator: true,
  silent: false,
  saving: false,
  compacting: false,
  paid: false,
  busy: false,
  lanes: false,
  resting: 0,
};
export const KIND: Faults = {
  crash: 0,
  pause: 0,
  longPause: 0,
  lostAnswer: 0,
  outage: 0,
  unreachable: 0,
  locked: 0,
  refused: 0,
  failure: 0,
  skewMs: 0,
  lasting: 0,
  asking: 0.012,
  operator: false,
  silent: false,
  saving: false,
  compacting: false,
  paid: false,
  busy: false,
  lanes: false,
  resting: 0,
};

/** Nobody dies and nothing is lost; clocks are as far apart as they may be, and agents outlast claims. */
export const LASTING: Faults = { ...KIND, skewMs: 30_000, lasting: 0.5, asking: 0.005 };

/** Little money, and much that goes wrong with it. */
export const POOR: Faults = { ...UNKIND, paid: true, asking: 0.03, crash: 0.02 };

/** Gates that go on by themselves, and an operator who objects, or not. */
export const SILENT: Faults = { ...UNKIND, silent: true, asking: 0.01, skewMs: 20_000 };

/** Agents that take their time, save what they have meanwhile, and die. */
export const SAVING: Faults = { ...UNKIND, saving: true, lasting: 0.4, crash: 0.02, failure: 0.1 };

/** Few looks of the operator for many gates, and an origin that others use, too. */
export const BUSY: Faults = { ...UNKIND, busy: true, asking: 0.03, locked: 0.02, refused: 0.01 };

/** State that is compacted while others publish. */
export const COMPACTING: Faults = { ...BUSY, compacting: true, pause: 0.02, longPause: 0.4 };

/** Machines that begin late, twice or never, die in the middle, and whose word is lost; settled late, in parts, twice or never. */
export const LANES: Faults = { ...UNKIND, lanes: true, asking: 0.03, crash: 0.02, resting: 0.93 };

/** Little money that lanes spend. */
export const POOR_LANES: Faults = { ...LANES, paid: true };

/** Machines that take their time, save what they have meanwhile, and tell of it when they end. */
export const SAVING_LANES: Faults = { ...LANES, saving: true, lasting: 0.4, failure: 0.1 };

/** State that is compacted while lanes are at work, and settled after. */
export const COMPACTING_LANES: Faults = {
  ...LANES,
  compacting: true,
  pause: 0.02,
  longPause: 0.4,
};

/** Lanes and runners that die often, so that what one has left another takes over, and dies, too. */
export const DEADLY_LANES: Faults = { ...LANES, crash: 0.04 };

/** Lanes of which none dies, and that are settled in parts while they are at work. */
export const ORDERLY_LANES: Faults = { ...LASTING, lanes: true };
