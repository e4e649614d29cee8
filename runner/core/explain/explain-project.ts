/** Where a project stands, and what an agent is for. */
import { microsOf } from "#runner/core/money/amount.ts";
import { amountWords } from "#runner/core/money/amount-words.ts";
import { modelsOf, rungsOf } from "#runner/core/money/demand.ts";
import { entryOf } from "#runner/core/entry.ts";
import { rungName } from "#runner/core/rung-name.ts";
import { standingText, suspendFacts } from "./explain-intent.ts";
import { agentName } from "#runner/core/agent-reference.ts";
import { agentLevels } from "#runner/core/slo-words.ts";
import { isAgentStep, stepsOf } from "#runner/core/step-graph.ts";
import {
  levelSection,
  money,
  nextFacts,
  text,
  type Explanation,
  type Fact,
  type Known,
} from "#runner/core/explanation.ts";
import type { AgentVersion, ProjectVersion } from "#runner/core/model.ts";
import type { Limits, LiveProject } from "#runner/schema/types.gen.ts";

export function explainProject(project: ProjectVersion, known: Known): Explanation {
  const { name, manifest, pipelines } = project;
  const live = known.observed.summaries.projects.get(name);
  const goals = Object.entries(manifest.goals ?? {});
  return {
    title: `project ${name}`,
    summary: manifest.summary,
    sections: [
      { title: "is something wrong", facts: invalidFacts(name, known) },
      {
        title: "goals",
        facts: goals.map(([goal]) => text(goal, standingText(entryOf(live?.goals, goal)))),
      },
      {
        title: "pipelines",
        facts: [...pipelines.keys()].map((pipeline) => text(pipeline, lastRunText(pipeline, live))),
      },
      { title: "what people changed", facts: editFacts(name, known) },
      { title: "what it cost", facts: spendFacts(live) },
      {
        title: "what is next",
        facts: [
          ...suspendFacts(project, false, known),
          ...nextFacts(known.plan, {
            action: (action) => action.project === name,
            hold: (hold) => hold.project === name,
          }),
        ],
      },
    ],
  };
}

/** Delivered files as people left them; nothing is delivered over them unseen. */
function editFacts(name: string, { observed }: Known): Fact[] {
  const edited = observed.summaries.inventories.get(name)?.edited ?? {};
  return Object.entries(edited).map(([path, { by, at, to }]) =>
    text(path, `${to === null ? "removed" : "changed"} by ${by}, seen on ${at.slice(0, 10)}`),
  );
}

/** A project whose files have never been valid. */
export function explainInvalid(name: string, known: Known): Explanation {
  return {
    title: `project ${name}`,
    summary: "has no good version yet",
    sections: [{ title: "is something wrong", facts: invalidFacts(name, known) }],
  };
}

function invalidFacts(name: string, { workspace, observed }: Known): Fact[] {
  const stalled = observed.summaries.projects.get(name)?.stalled?.reason;
  const reason = workspace.invalid.get(name) ?? stalled;
  if (reason === undefined) return [];
  return [
    text("invalid", reason),
    { kind: "command", label: "unblock", words: ["fettle", "validate"] },
  ];
}

function lastRunText(pipeline: string, live: LiveProject | undefined): string {
  const last = entryOf(live?.pipelines, pipeline)?.lastRun;
  return last === undefined ? "no run has ended yet" : `${last.result}, in ${last.id}`;
}

/** The months with costs, newest first. */
function spendFacts(live: LiveProject | undefined): Fact[] {
  const months = Object.entries(live?.spend ?? {}).toSorted(([a], [b]) => (a < b ? 1 : -1));
  return months.slice(0, 3).map(([month, micros]) => money(month, micros));
}

export function explainAgent(agent: AgentVersion, known: Known): Explanation {
  const { name, manifest } = agent;
  return {
    title: `agent ${name} ${manifest.version}`,
    summary: manifest.role,
    sections: [
      {
        title: "what it may do",
        facts: [
          text("effects", effectText(manifest)),
          ...listFact("reads", manifest.reads),
          ...listFact("writes", manifest.writes),
        ],
      },
      { title: "what it runs on", facts: rungFacts(agent, known) },
      { title: "what an attempt may take", facts: limitFacts(manifest.limits) },
      { title: "where it works", facts: placesOf(name, known) },
      { title: "what it did", facts: triedFacts(name, known) },
      levelSection(manifest.slo, agentLevels(agent, known.observed)),
      {
        title: "what is next",
        facts: nextFacts(known.plan, {
          action: (action) => "agent" in action && action.agent === name,
          hold: () => false,
        }),
      },
    ],
  };
}

/** The ladder, top first, with what is asked on each rung. */
function rungFacts(agent: AgentVersion, { workspace }: Known): Fact[] {
  return rungsOf(agent).map((rung, index) => {
    const models = modelsOf(rung).map((name) => {
      const { provider, model } = entryOf(workspace.settings.models, name) ?? {};
      return `${name} is ${model === undefined ? "not in fettle.yaml" : `${provider ?? ""}/${model}`}`;
    });
    const label = index === 0 ? "first" : `fallback ${index}`;
    return text(label, [rungName(rung), ...models].join(", "));
  });
}

function limitFacts({ usd, tokens, requests, turns, wall }: Limits): Fact[] {
  return [
    text("money", amountWords("micros", microsOf(usd))),
    ...(tokens === undefined ? [] : [text("tokens", String(tokens))]),
    ...(requests === undefined ? [] : [text("requests", String(requests))]),
    ...(turns === undefined ? [] : [text("turns", String(turns))]),
    text("time", wall),
  ];
}

function effectText({ effects = "none", idempotency }: AgentVersion["manifest"]): string {
  return idempotency === undefined ? effects : `${effects}, idempotency ${idempotency}`;
}

function listFact(label: string, globs: readonly string[] | undefined): Fact[] {
  return globs === undefined || globs.length === 0 ? [] : [text(label, globs.join(", "))];
}

function placesOf(agent: string, { workspace }: Known): Fact[] {
  return [...workspace.projects.values()].flatMap(({ name, manifest, pipelines }) => [
    ...[...pipelines].flatMap(([pipeline, own]) =>
      stepsOf(own)
        .filter((step) => isAgentStep(step) && agentName(step.agent) === agent)
        .map(({ id }) => text("step", `${id} of ${name}/${pipeline}`)),
    ),
    ...Object.entries(manifest.goals ?? {})
      .filter(([, { metric }]) => agentName(metric.agent) === agent)
      .map(([goal]) => text("measures", `${name}/${goal}`)),
  ]);
}

function triedFacts(agent: string, { observed }: Known): Fact[] {
  const versions = Object.entries(observed.summaries.stats.get(agent)?.versions ?? {});
  if (versions.length === 0) return [text("attempts", "none yet")];
  return versions.map(([version, samples]) => {
    const succeeded = samples.filter(({ ok }) => ok).length;
    return text(version, `${succeeded} of the last ${samples.length} attempts succeeded`);
  });
}
