import { expect, test } from "vitest";
import { shortage } from "#runner/gateway/refusal.ts";
import { refusalOf } from "#runner/loop/door-refusal.ts";
import { invocation } from "../runtimes/invocation-builder.ts";

const standing = {
  cap: { micros: 10_000, tokens: 900, requests: 2 },
  spent: { micros: 3000, tokens: 300 },
  held: { micros: 1000, tokens: 100 },
  requests: 2,
};
const least = { micros: 8000, tokens: 700 };
const PLACE = { upstream: "default", model: "m" };

test.each([
  [
    "budget",
    "a request to a model needs at least 0.008 USD; limits.usd in agents/tester/agent.yaml allows an attempt 0.01 USD, of which 0.004 USD is spent or reserved: raise it, or ask for less (a shorter prompt, a lower maxOutputTokens)",
  ],
  [
    "tokens",
    "a request to a model needs at least 700 tokens; limits.tokens in agents/tester/agent.yaml allows an attempt 900, of which 400 are spent or reserved: raise it, or ask for less (a shorter prompt, a lower maxOutputTokens)",
  ],
  [
    "requests",
    "limits.requests in agents/tester/agent.yaml allows an attempt 2 requests to models, and it has made 2: raise it, or ask less often",
  ],
] as const)(
  "Where the %s of an attempt do not suffice, its owner is told which limit it is.",
  (of, reason) => {
    const refused = { ...shortage(of, least, standing), ...PLACE };

    expect(refusalOf(refused, invocation({}))).toEqual({ outcome: "budget-exhausted", reason });
  },
);

test("What a cap has left out is no matter of the agent's limits.", () => {
  const refused = { ...shortage("budget", least, standing), ...PLACE };
  const short = "the workspace has used 1 USD of 1 USD per day";
  const grant = { micros: 0, tokens: null, requests: null, ms: 0, short };

  const { reason } = refusalOf(refused, invocation({}, { grant }));

  expect(reason).toContain(`(${short})`);
  expect(reason).not.toContain("limits.usd");
});
