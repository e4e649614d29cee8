import { expect, test } from "vitest";
import { setupFindings, type ForgeSetup } from "#runner/core/forge/forge-setup.ts";

const GOOD: ForgeSetup = {
  mayPush: true,
  isPrivate: true,
  rules: ["deletion", "non_fast_forward"],
  workflow: { mayWrite: false, mayPropose: true },
};

function toldOf(setup: Partial<ForgeSetup>, login = "ada"): readonly string[] {
  const operators = [{ email: "ada@northwind.example", ...(login !== "" && { login }) }];
  return setupFindings({ ...GOOD, ...setup }, operators)
    .filter(({ status }) => status !== "ok")
    .map(({ status, what }) => `${status}: ${what}`);
}

test.each<[string, Partial<ForgeSetup>, readonly string[]]>([
  ["all is well", {}, []],
  ["nothing is to be seen", { mayPush: null, rules: null, workflow: null }, []],
  ["the token reads only", { mayPush: false }, ["problem: the token may not write"]],
  [
    "anybody can read it",
    { isPrivate: false },
    ["warning: the repository is public: everybody can read what fettle records"],
  ],
  [
    "main is protected",
    { rules: ["pull_request"] },
    ["warning: main takes pull requests only: what needs no gate cannot be delivered"],
  ],
  [
    "workflows may write",
    { workflow: { mayWrite: true, mayPropose: true } },
    ["warning: every workflow may write, whatever it asks for"],
  ],
  [
    "workflows may not propose",
    { workflow: { mayWrite: false, mayPropose: false } },
    ["warning: GITHUB_TOKEN may not open pull requests"],
  ],
])("Where %s, the operator is told so", (_, setup, expected) => {
  expect(toldOf(setup)).toEqual(expected);
});

test("An operator whom the forge cannot know is told.", () => {
  expect(toldOf({}, "")).toEqual([
    "warning: ada@northwind.example has no login: their merges on GitHub approve nothing",
  ]);
});
