import { expect, test } from "vitest";
import { Ajv } from "ajv";
import { attest, PREDICATE_TYPE } from "#runner/core/attestation.ts";
import { historyOfClosed } from "#runner/core/run-history.ts";
import { attempt, attempts, blob, closedRun, commit, digest, record } from "../report/example.ts";

const run = historyOfClosed(closedRun);

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, written down by hand. */
const digestSet = {
  type: "object",
  minProperties: 1,
  properties: {
    sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
    gitBlob: { type: "string", pattern: "^[0-9a-f]{40}$" },
    gitTree: { type: "string", pattern: "^[0-9a-f]{40}$" },
    gitCommit: { type: "string", pattern: "^[0-9a-f]{40}$" },
  },
  additionalProperties: false,
};
const resource = {
  type: "object",
  anyOf: [{ required: ["name"] }, { required: ["uri"] }],
  required: ["digest"],
  properties: {
    name: { type: "string", minLength: 1 },
    uri: { type: "string", minLength: 1 },
    digest: digestSet,
    annotations: { type: "object" },
  },
  additionalProperties: false,
};
const statementSchema = {
  type: "object",
  required: ["_type", "subject", "predicateType", "predicate"],
  properties: {
    _type: { const: "https://in-toto.io/Statement/v1" },
    subject: { type: "array", minItems: 1, items: { allOf: [resource, { required: ["name"] }] } },
    predicateType: { const: PREDICATE_TYPE },
    predicate: {
      type: "object",
      required: ["buildDefinition", "runDetails", "cost", "decision", "outcome"],
      properties: {
        buildDefinition: {
          type: "object",
          required: ["buildType", "externalParameters", "resolvedDependencies"],
          properties: { resolvedDependencies: { type: "array", items: resource } },
        },
        runDetails: {
          type: "object",
          required: ["builder", "metadata"],
          properties: { builder: { type: "object", required: ["id"] } },
        },
        cost: { type: "object", properties: { micros: { type: "integer" } } },
      },
    },
  },
  additionalProperties: false,
};
const isStatement = new Ajv({ strict: false }).compile(statementSchema);

test("every attempt yields an in-toto Statement v1", () => {
  for (const each of attempts) {
    isStatement(attest(run, each));

    expect(isStatement.errors).toBe(null);
  }
});

test("the statement names who asked, what ran, with what, and what came out", () => {
  const made = attempt({
    deliverables: [
      {
        path: "out/brief.md",
        content: { digest: digest("9"), month: "2026-11" },
        blob,
        was: null,
        bytes: 3,
      },
    ],
    memory: {
      query: { text: "tone", subject: "client/acme" },
      tree: blob,
      ranker: "neighbours-1/words-1",
      tokens: 12,
      recalled: [
        { id: "mem_1", blob, score: 0.5 },
        { id: "mem_2", blob, score: 0.4 },
      ],
      cited: ["mem_1"],
      admitted: [],
      refused: [],
    },
  });

  const { subject, predicate } = attest(run, made);

  expect(subject).toEqual([
    { name: `${record.id}/draft/INV-1/1/outputs`, digest: { sha256: "b".repeat(64) } },
    { name: "out/brief.md", digest: { sha256: "9".repeat(64), gitBlob: blob } },
  ]);
  expect(predicate.buildDefinition.externalParameters.trigger).toEqual(record.trigger);
  expect(predicate.buildDefinition.resolvedDependencies).toEqual(
    expect.arrayContaining([
      { name: "main", digest: { gitCommit: commit }, annotations: { role: "desired-state" } },
      {
        uri: "git:agents/reminder-writer",
        digest: { gitTree: blob },
        annotations: { role: "agent", version: "2.1.0" },
      },
      {
        name: "memory",
        digest: { gitTree: blob },
        annotations: {
          role: "memory-tree",
          query: { text: "tone", subject: "client/acme" },
          ranker: "neighbours-1/words-1",
        },
      },
      {
        name: "mem_1",
        digest: { gitBlob: blob },
        annotations: { role: "memory", score: 0.5, cited: true },
      },
      { name: "mem_2", digest: { gitBlob: blob }, annotations: { role: "memory", score: 0.4 } },
    ]),
  );
});

test("what was paid is stated by request, with the prices that it was settled by", () => {
  const call = {
    model: "default",
    provider: "anthropic",
    modelId: "large",
    status: 200,
    micros: 4_000,
    basis: "metered",
    inFresh: 1000,
    cacheRead: 0,
    cacheWrite: 0,
    outText: 200,
    reasoning: 0,
    ms: 900,
    request: { digest: digest("1"), month: "2026-11" },
    response: { digest: digest("2"), month: "2026-11" },
  } as const;
  const spent = { micros: 4_000, tokens: 1200, requests: 1, ms: 0 };
  const { predicate } = attest(run, attempt({ calls: [call], prices: digest("3"), spent }));

  expect(predicate.cost).toEqual({
    currency: "USD",
    micros: 4_000,
    basis: "metered",
    spent,
    prices: digest("3"),
    calls: [call],
  });
  expect(predicate.buildDefinition.resolvedDependencies).toContainEqual({
    name: "prices",
    digest: { sha256: "3".repeat(64) },
    annotations: { role: "prices" },
  });
  expect(attest(run, attempt()).predicate.cost).toMatchObject({ prices: null, calls: [] });
});

test("an attempt that made nothing is its own subject", () => {
  const failed = attempt({ outputs: null, outcome: "timeout" });

  expect(attest(run, failed).subject).toEqual([
    { name: `${record.id}/draft/INV-1/1/attempt`, digest: { sha256: "e".repeat(64) } },
  ]);
});

test("only decisions that were made before the attempt vouch for it", () => {
  const before = attest(run, attempt());
  const after = attest(run, attempt({ startedAt: "2026-11-22T08:11:00.000Z" }));

  expect(before.predicate.decision.gates).toEqual([]);
  expect(after.predicate.decision.gates).toMatchObject([{ step: "review", decision: "approved" }]);
});
