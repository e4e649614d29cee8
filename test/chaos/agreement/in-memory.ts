/** The protocol as the simulation interprets it. */
import { addMs } from "#runner/core/time/instant.ts";
import { Clone, type Network, type Published, type PushFate } from "../simulation/clone.ts";
import { Remote } from "../simulation/remote.ts";
import { RULES } from "../simulation/world.ts";
import { factOf, groupOf } from "./groups.ts";
import { Script, type Observation, type Push, type Scenario } from "./scenarios.ts";

const BEGIN = "2026-11-22T10:00:00.000Z";

class ScriptedNetwork implements Network {
  readonly remote = new Remote();
  readonly rules = RULES;
  script = new Script({});
  pushes = 0;
  #others = 0;
  #following: Push = {};

  fateOfPush(): PushFate {
    this.pushes += 1;
    const push = this.script.nextPush();
    if (push.hasRival === true) this.#other();
    this.#following = push;
    return push.fate ?? "answered";
  }

  isReachable(): boolean {
    this.follow();
    return this.script.nextRead();
  }

  /** Somebody builds on what was accepted. */
  follow(): void {
    if (this.#following.hasFollower === true) this.#other();
    this.#following = {};
  }

  #other(): void {
    this.#others += 1;
    this.remote.add([factOf(`other-${this.#others}`, addMs(BEGIN, this.#others))]);
  }
}

export function inMemory({ lives }: Scenario): Observation {
  const network = new ScriptedNetwork();
  const clone = new Clone("one", network);
  let made = 0;
  const outcomes = lives.map((life): Published => {
    network.script = new Script(life);
    for (const kind of life.books) {
      made += 1;
      const at = addMs(BEGIN, made);
      clone.book([groupOf(kind, { id: `own-${made}`, at, runner: "one" })]);
    }
    const work = clone.publish();
    for (;;) {
      const { done, value } = work.next();
      if (done === true) return value;
    }
  });
  const requests = network.remote.history.flatMap(({ event }) =>
    event.kind === "request-made" ? [event.request] : [],
  );
  return {
    outcomes,
    facts: requests.filter((id) => id.startsWith("own")).length,
    others: requests.filter((id) => id.startsWith("other")).length,
    pushes: network.pushes,
    waiting: clone.waiting,
  };
}
