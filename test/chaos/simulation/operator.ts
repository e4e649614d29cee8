/** The operator of a simulated company: asks, edits, decides, answers, force-pushes, and puts right what that has broken. */
import { effectPlan } from "#runner/core/effect.ts";
import type { Observed } from "#runner/core/model.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { requestPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { GateRecord, RequestRecord } from "#runner/schema/types.gen.ts";
import { Clone, type Work } from "./clone.ts";
import { ADA, says } from "../../support/core-records.ts";
import { BEGINNING, pipelinesOf, QUESTION } from "./company.ts";
import { contains } from "./main.ts";
import { Line, type World } from "./world.ts";

type Gives<Kind extends RequestRecord["kind"]> = Omit<
  Extract<RequestRecord, { kind: Kind }>,
  "id" | "by" | "at"
>;
type Wish = { [Kind in RequestRecord["kind"]]: Gives<Kind> }[RequestRecord["kind"]];

const ANSWER = { days: 14 };
const PATIENCE = 300;

/** What is known of a runner, or of machines that work as one. */
interface Watched {
  readonly isAbout: (key: string) => boolean;
  readonly hasSeen: (count: number) => boolean;
}

type Habit = readonly [chance: number, act: (operator: Operator) => void];

const HABITS: readonly Habit[] = [
  [0.02, (operator) => operator.decide()],
  [0.004, (operator) => operator.mergeLate()],
  [0.006, (operator) => operator.edit()],
  [0.004, (operator) => operator.cancel()],
  [0.01, (operator) => operator.answer()],
  [0.002, (operator) => operator.rewindMain()],
  [0.03, (operator) => operator.acceptMain()],
  [0.003, (operator) => operator.setBackState()],
];

/** Says little, and most of it is no. */
const SELDOM: readonly Habit[] = [
  [0.004, (operator) => operator.decide()],
  [0.008, (operator) => operator.object()],
  ...HABITS.slice(1),
];

/** What a verb books on the state that it sees; null where there is nothing to say any more. */
type Word = (seen: Observed) => Transaction | null;

export class Operator {
  readonly #world: World;
  readonly #runners: readonly Watched[];
  /** A clone like any other: what the operator asks for is pushed, and others may be faster. */
  readonly #line: Line;
  readonly #clone: Clone;
  /** Verbs that were typed and have not begun, and the one at work. */
  #words: readonly Word[] = [];
  #verb: Work | null = null;
  #requests = 0;

  constructor(world: World, runners: readonly Watched[]) {
    this.#world = world;
    this.#runners = runners;
    this.#line = new Line(world);
    this.#clone = new Clone("operator", this.#line);
  }

  /** What comes to mind in one moment. While the state is set back every verb that writes refuses. */
  live(): void {
    const { random, remote, faults, main } = this.#world;
    this.#goOn();
    if (remote.isSetBack) {
      if (random.chance(0.05)) remote.putBack();
      return;
    }
    const [project, pipeline] = random.pick(pipelinesOf(main.head.says)) ?? ["shop", "first"];
    if (random.chance(faults.asking)) this.#ask({ kind: "run", project, pipeline, params: {} });
    if (!faults.operator) return;
    const habits = faults.silent ? SELDOM : HABITS;
    for (const [chance, act] of habits) if (random.chance(chance)) act(this);
  }

  get isBusy(): boolean {
    const isWaiting = this.#words.length > 0 || this.#clone.pending.length > 0;
    return this.#verb !== null || isWaiting;
  }

  /** At the end everything is decided, answered and put right. */
  settle(): void {
    const { remote } = this.#world;
    remote.putBack();
    this.#finish();
    this.acceptMain();
    for (const { record } of remote.observed.gates.values()) {
      this.#world.deleted.delete(record.id);
      this.#world.silence.takeBack(record.id);
      this.#merge(record, record.items.length);
    }
    this.answer();
    this.#finish();
  }

  /** Whoever comes to no end by then tries again another day. */
  #finish(): void {
    for (let left = PATIENCE; this.isBusy && left > 0; left -= 1) {
      this.#world.wait(1_000);
      this.#goOn();
    }
  }

  decide(): void {
    const { random, remote } = this.#world;
    const gate = random.pick([...remote.observed.gates.values()])?.record;
    if (gate === undefined) return;
    const how = random.below(8);
    if (how === 0) this.#ask({ kind: "reject", gate: gate.id, reason: "not these" });
    else if (how === 1) for (const { id } of this.#besides(gate)) this.#delete(id);
    else {
      for (const other of this.#besides(gate)) {
        this.#merge(other, how === 2 && other === gate ? 1 : other.items.length);
      }
    }
  }

  /** Takes the branch away of what would go on by itself. */
  object(): void {
    const { random, remote } = this.#world;
    const waiting = [...remote.observed.gates.values()].filter(({ record }) => record.vetoUntil);
    const gate = random.pick(waiting)?.record;
    if (gate !== undefined) this.#delete(gate.id);
  }

  #delete(gate: string): void {
    const { deleted, silence, now } = this.#world;
    deleted.add(gate);
    silence.say(gate, now);
  }

  /** All that stand on its branch: those of a briefing, or itself alone. */
  #besides({ branch }: GateRecord): readonly GateRecord[] {
    const { gates } = this.#world.remote.observed;
    return [...gates.values()].flatMap(({ record }) => (record.branch === branch ? [record] : []));
  }

  /** Approves a gate that is closed. */
  mergeLate(): void {
    const { random, remote, gates } = this.#world;
    const gate = random.pick([...gates.values()]);
    if (gate !== undefined && !remote.observed.gates.has(gate.id)) this.#merge(gate, 0);
  }

  edit(): void {
    const { random, main, removals, silence, now } = this.#world;
    const { hasSide, hasLog, isSilent, isStrict } = main.head.says;
    const isSound = this.#isInLine();
    const few = random.below(3);
    const changes = [
      { hasLog: !hasLog },
      { hasSide: !hasSide },
      {
        mailsADay: BEGINNING.mailsADay - few,
        max: BEGINNING.max - few,
        dayMicros: BEGINNING.dayMicros - few * 150_000,
        totalMicros: BEGINNING.totalMicros - few * 500_000,
      },
      ...(isSilent ? [{ isStrict: !isStrict }] : []),
    ];
    main.edit(random.pick(changes) ?? {});
    silence.beStrict(main.head.says.isStrict, now);
    if (!main.head.says.hasSide && (isSound || hasSide)) removals.push(main.head);
  }

  cancel(): void {
    const { random, remote } = this.#world;
    const run = random.pick([...remote.observed.runs.values()])?.record;
    if (run === undefined) return;
    const { project, id } = run;
    this.#ask({ kind: "cancel", project, run: id, reason: "", keep: false });
  }

  /** Tells of every doubt what is true, once nobody may be about to change it. */
  answer(): void {
    const { remote, checker } = this.#world;
    for (const [project, { uncertain = [] }] of remote.observed.summaries.projects) {
      for (const { base, ordinal, since } of uncertain) {
        const { key } = effectPlan(base, "", ordinal);
        const isAsked = remote.observed.requests.some(
          (request) => request.kind === "answer" && request.base === base,
        );
        if (isAsked || this.isBusy || this.#runners.some((runner) => runner.isAbout(key))) continue;
        const happened = checker.effects.includes(key);
        const doubt = { project, base, ordinal, since };
        this.#ask({ kind: "answer", ...doubt, happened, reason: "seen" });
      }
    }
  }

  rewindMain(): void {
    const { main, random, silence, gates, deleted, now } = this.#world;
    main.rewind(1 + random.below(3));
    silence.beStrict(main.head.says.isStrict, now);
    // What was merged and is not there any more is no word.
    const isSaid = (gate: string): boolean => main.head.merges.has(gate) || deleted.has(gate);
    for (const gate of gates.keys()) if (!isSaid(gate)) silence.takeBack(gate);
  }

  /** `fettle accept-rewrite`, where main was rewritten. */
  acceptMain(): void {
    if (this.isBusy) return;
    this.#say(({ summaries }) => {
      const from = summaries.workspace.appliedCommit;
      const { main, now } = this.#world;
      if (from === null || contains(main.head, from)) return null;
      const event = { kind: "rewrite-accepted", at: now, project: "", from } as const;
      return transaction({ event: { ...event, to: main.head.id, by: ADA, reason: "meant" } });
    });
  }

  /** Only what every runner has seen is missed by every one of them; what nobody else has seen is lost for good. */
  setBackState(): void {
    const { remote, random, faults } = this.#world;
    const to = remote.tip - 1 - random.below(4);
    const clones = faults.busy ? [...this.#runners, this.#clone] : this.#runners;
    const isSeen = clones.every((clone) => clone.hasSeen(to + 1));
    const isKnown = clones.some((clone) => clone.hasSeen(remote.tip));
    if (to > 0 && isSeen && isKnown) remote.setBack(to);
  }

  #isInLine(): boolean {
    const { main, remote } = this.#world;
    const applied = remote.observed.summaries.workspace.appliedCommit;
    return applied === null || contains(main.head, applied);
  }

  /** Merges the branch with the first of its items; the files of the others are deleted. */
  #merge(gate: GateRecord, count: number): void {
    const { main, approved, remote } = this.#world;
    const values = remote.observed.runs.get(gate.run)?.values;
    const items = gate.items.slice(0, count).map(({ path, outputs }) => {
      const shown = gate.step === QUESTION ? ANSWER : (values?.get(outputs.digest) ?? null);
      if (typeof shown === "object" && shown !== null && "text" in shown) approved.add(shown.text);
      return [path, { blob: "b".repeat(40), outputs: shown, problem: null }] as const;
    });
    const facts = {
      approver: ADA,
      says: says("approved"),
      deliverables: new Map<string, string>(),
    };
    main.merge(gate.id, { ...facts, items: new Map(items) });
    this.#world.silence.say(gate.id, this.#world.now);
  }

  #ask(wish: Wish): void {
    const { now, checker } = this.#world;
    this.#requests += 1;
    const request: RequestRecord = { ...wish, id: `asked-${this.#requests}`, by: ADA, at: now };
    checker.desk.expect(request.id);
    this.#say(() => requested(request));
  }

  /** Who is busy works in a clone like any other. */
  #say(word: Word): void {
    const { faults, remote } = this.#world;
    if (faults.busy) {
      this.#words = [...this.#words, word];
      return;
    }
    const said = word(remote.observed);
    if (said !== null) remote.add([said]);
  }

  /** One more piece of the verb at work, or the beginning of the next. */
  #goOn(): void {
    if (this.#verb === null && this.isBusy) {
      const [word = (): null => null, ...later] = this.#words;
      this.#words = later;
      this.#verb = this.#carryOut(word);
    }
    if (this.#verb?.next().done === true) this.#verb = null;
  }

  /** Where the origin cannot be reached, what was asked for waits in the clone. */
  *#carryOut(word: Word): Work {
    const clone = this.#clone;
    clone.dropPermissions();
    if (clone.pending.length > 0) yield* clone.publish();
    else if (this.#line.isReachable() && !clone.isParted) clone.follow();
    yield;
    const said = word(clone.observed);
    if (said === null) return;
    clone.book([said]);
    yield* clone.publish();
  }
}

function requested(request: RequestRecord): Transaction {
  const { id, by, at, kind } = request;
  const project = "project" in request ? request.project : "";
  const event = { kind: "request-made", at, project, request: id, by, asks: kind } as const;
  return transaction({ event, files: [[requestPath(id), request]] });
}
