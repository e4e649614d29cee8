import { expect, test } from "vitest";
import { rememberNames } from "#runner/core/earlier-names.ts";
import type { ProjectVersion } from "#runner/core/model.ts";
import type { Pipeline } from "#runner/schema/types.gen.ts";
import { mailer, pipeline, project, step, workspace } from "../support/core-builders.ts";
import { company, EACH, HANDLE, handled, request, shop } from "../support/inbox-company.ts";
import { Company } from "../support/planned-company.ts";

interface Named {
  readonly digest: string;
  readonly previousNames?: readonly string[];
}

function named(
  { digest, previousNames }: Named,
  parts: Readonly<Record<string, Pipeline>>,
): ProjectVersion {
  const manifest = previousNames === undefined ? {} : { previousNames: [...previousNames] };
  return {
    ...project({ name: "store", pipelines: parts, digest, manifest }),
    agents: shop().agents,
  };
}

function send(agent: string): Pipeline {
  return pipeline([
    step("send", { agent, once: { key: "letter" }, compensate: { none: "it is sent" } }),
  ]);
}

test("an item stays handled when the earlier names of project and pipeline are no longer written down", () => {
  const of = company(["a"]);
  request(of, "inbox");
  of.settle();
  const inbox = pipeline([step("find"), { ...EACH, pipeline: "answer" }]);
  const answer = { ...HANDLE, previousNames: ["handle"] };
  of.workspace = workspace([named({ digest: "d2", previousNames: ["shop"] }, { inbox, answer })]);
  of.settle();
  of.workspace = workspace([named({ digest: "d3" }, { inbox, answer: HANDLE })]);
  of.settle();

  request(of, "inbox", "store");
  of.settle();

  expect(handled(of)).toEqual(["a"]);
});

test("an effect is not done again when the earlier names of project and agent are no longer written down", () => {
  const sender = { ...mailer(), name: "sender" };
  const before = { ...sender, manifest: { ...sender.manifest, previousNames: ["mailer"] } };
  const store = { name: "store", pipelines: { mail: send("sender") } };
  const of = new Company(
    workspace([project({ name: "shop", pipelines: { mail: send("mailer") }, agents: [mailer()] })]),
    {},
  );
  request(of, "mail");
  of.settle();
  const manifest = { previousNames: ["shop"] };
  of.workspace = workspace([project({ ...store, digest: "d2", agents: [before], manifest })]);
  of.settle();
  of.workspace = workspace([project({ ...store, digest: "d3", agents: [sender] })]);
  of.settle();

  request(of, "mail", "store");
  of.settle();

  expect(of.executed.map(({ agent }) => agent)).toEqual(["mailer"]);
});

test("names add up over several renames", () => {
  const first = rememberNames(undefined, { project: ["a"], agents: { m: ["l"] } }, "a");
  const second = rememberNames(first, { project: ["b"], agents: { n: ["m"] } }, "b");

  expect(rememberNames(second, undefined, null)).toEqual({
    project: ["a", "b"],
    agents: { m: ["l"], n: ["m", "l"] },
  });
  expect(rememberNames(undefined, undefined, null)).toBeUndefined();
});
