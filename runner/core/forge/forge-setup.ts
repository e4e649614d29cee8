/** What must be clicked on the forge, from how it is set up there. */
import type { Operator } from "#runner/schema/types.gen.ts";

export interface ForgeSetup {
  /** null: the forge does not say. */
  readonly mayPush: boolean | null;
  readonly isPrivate: boolean;
  /** Kinds of rules that hold for main; null: not to be seen. */
  readonly rules: readonly string[] | null;
  /** What workflows may do; null: not to be seen. */
  readonly workflow: { readonly mayWrite: boolean; readonly mayPropose: boolean } | null;
}

export interface SetupFinding {
  readonly status: "ok" | "warning" | "problem";
  readonly what: string;
  readonly fix: string;
}

export function setupFindings(
  { mayPush, isPrivate, rules, workflow }: ForgeSetup,
  operators: readonly Operator[],
): readonly SetupFinding[] {
  const nameless = operators.filter(({ login }) => login === undefined);
  return [
    mayPush === false
      ? problem(
          "the token may not write",
          "give it Contents, Pull requests and Issues: read and write",
        )
      : fine("the token is accepted: every open gate gets a pull request"),
    ...(isPrivate
      ? []
      : [
          warning(
            "the repository is public: everybody can read what fettle records",
            "Settings > General > Danger Zone > Change visibility",
          ),
        ]),
    ...nameless.map(({ email }) =>
      warning(
        `${email} has no login: their merges on GitHub approve nothing`,
        "add `login` beside it in fettle.yaml",
      ),
    ),
    ...(rules?.includes("pull_request") === true
      ? [
          warning(
            "main takes pull requests only: what needs no gate cannot be delivered",
            "Settings > Rules > Rulesets: add the runner's account to the bypass list",
          ),
        ]
      : []),
    ...workflowFindings(workflow),
  ];
}

function workflowFindings(workflow: ForgeSetup["workflow"]): readonly SetupFinding[] {
  if (workflow === null) return [];
  const page = "Settings > Actions > General > Workflow permissions";
  return [
    ...(workflow.mayWrite
      ? [
          warning(
            "every workflow may write, whatever it asks for",
            `${page}: Read repository contents`,
          ),
        ]
      : []),
    ...(workflow.mayPropose
      ? []
      : [
          warning(
            "GITHUB_TOKEN may not open pull requests",
            `${page}: Allow GitHub Actions to create and approve pull requests (a bot's approval never counts here)`,
          ),
        ]),
  ];
}

function fine(what: string): SetupFinding {
  return { status: "ok", what, fix: "" };
}

function warning(what: string, fix: string): SetupFinding {
  return { status: "warning", what, fix };
}

function problem(what: string, fix: string): SetupFinding {
  return { status: "problem", what, fix };
}
