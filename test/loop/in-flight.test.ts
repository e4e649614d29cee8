import { NO_FORECAST } from "#runner/core/forecast.ts";
import { expect, test } from "vitest";
import type { StepStart } from "#runner/core/action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { transaction } from "#runner/core/transaction.ts";
import { InFlight } from "#runner/loop/in-flight.ts";
import { applied } from "../support/ledger-events.ts";

function start(item: string): StepStart {
  return {
    kind: "step-start",
    project: "shop",
    because: "",
    run: "mail.k3f9q2m7x0aa",
    step: "send",
    item,
    attempt: 1,
    agent: "mailer",
    inputs: {},
    timeoutMs: 1000,
    effect: null,
    resume: false,
    forecast: NO_FORECAST,
  };
}

function result(): Transaction {
  return transaction({ event: applied() });
}

test("what has landed is given together, once, and no longer counts as running", async () => {
  const inFlight = new InFlight();
  const [ann, bob] = [result(), result()];
  const late = Promise.withResolvers<Transaction>();
  inFlight.add(start("ann"), Promise.resolve(ann));
  inFlight.add(start("bob"), Promise.resolve(bob));
  inFlight.add(start("cyd"), late.promise);

  expect(await inFlight.landed(60_000)).toEqual([ann, bob]);

  expect(inFlight.starts.map(({ item }) => item)).toEqual(["cyd"]);
  const next = inFlight.landed(60_000);
  const cyd = result();
  late.resolve(cyd);
  expect(await next).toEqual([cyd]);
  expect(inFlight.units.size).toBe(0);
});

test("a step that throws is no result: who waits is told, also when others have landed", async () => {
  const inFlight = new InFlight();
  inFlight.add(start("ann"), Promise.resolve(result()));
  inFlight.add(start("bob"), Promise.reject(new Error("the first")));
  inFlight.add(start("cyd"), Promise.reject(new Error("the second")));

  await expect(inFlight.landed(60_000)).rejects.toThrow("the first");
});

test("who waits already is told when a step throws", async () => {
  const inFlight = new InFlight();
  const late = Promise.withResolvers<Transaction>();
  inFlight.add(start("ann"), late.promise);
  const waiting = inFlight.landed(60_000);

  late.reject(new Error("a bug"));

  await expect(waiting).rejects.toThrow("a bug");
});
