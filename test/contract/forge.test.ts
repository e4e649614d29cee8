/** What a forge must do, whoever plays GitHub; the operator acts through git alone, or raw HTTP where there is no git. */
import { describe, expect, onTestFinished, test } from "vitest";
import { githubForge } from "#runner/forge/github.ts";
import type { Forge, Proposal, PullFacts } from "#runner/forge/port.ts";
import {
  gitBeside,
  makeFolder,
  repositoryAt,
  runGit,
  type TestRepository,
} from "../support/git-repo.ts";
import { makeBranch, putFile, startEmulated, type Emulated } from "./github/emulated.ts";
import { startDouble } from "./github/started.ts";

const BRANCH = "fettle/gate/mail-1";
const PROPOSAL: Proposal = {
  branch: BRANCH,
  title: "Send the mails",
  body: "Two mails.",
  labels: ["fettle"],
};
const signal = new AbortController().signal;

/** What a person does to the proposal, never through what is tested. */
interface Operator {
  /** Pushes the branch with something to approve; the commit. */
  readonly propose: () => Promise<string>;
  readonly edit: () => Promise<string>;
  readonly merge: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

interface Stage {
  readonly forge: Forge;
  readonly operator: Operator;
}

/** A bare repository and the operator's clone of it. */
function bareWithClone(): { readonly bare: TestRepository; readonly operator: TestRepository } {
  const folder = makeFolder();
  runGit(folder, ["init", "--quiet", "--bare", "--initial-branch=main", "company.git"]);
  const bare = repositoryAt(`${folder}/company.git`);
  bare.git("config", "http.receivepack", "true");
  runGit(folder, ["clone", "--quiet", "company.git", "clone"]);
  const operator = repositoryAt(`${folder}/clone`);
  operator.git("switch", "--quiet", "--orphan", "main");
  operator.commit({ "README.md": "A company.\n" }, "Start");
  operator.git("push", "--quiet", "origin", "main");
  return { bare, operator };
}

function withGit(clone: TestRepository): Operator {
  // The double is in this process: it must go on while git waits for it.
  const git = (...args: readonly string[]): Promise<string> => gitBeside(clone.path, ...args);
  const pushed = async (text: string, subject: string): Promise<string> => {
    const head = clone.commit({ "mail.yaml": text }, subject);
    await git("push", "--quiet", "origin", BRANCH);
    clone.git("switch", "--quiet", "main");
    return head;
  };
  return {
    propose: () => {
      clone.git("switch", "--quiet", "--create", BRANCH);
      return pushed("text: Hello\n", "Propose");
    },
    edit: () => {
      clone.git("switch", "--quiet", BRANCH);
      return pushed("text: Dear Ann\n", "Dear");
    },
    merge: async () => {
      clone.git("merge", "--quiet", "--no-ff", "--no-edit", BRANCH);
      await git("push", "--quiet", "origin", "main");
    },
    remove: async () => {
      await git("push", "--quiet", "origin", "--delete", BRANCH);
    },
  };
}

function overHttp(emulated: Emulated): Operator {
  return {
    propose: () => makeBranch(emulated, BRANCH),
    edit: () => putFile(emulated, BRANCH, { path: "mail.yaml", text: "text: Dear Ann\n" }),
    merge: async () => {
      await emulated.ask("PUT", "/pulls/1/merge", {});
    },
    remove: async () => {
      await emulated.ask("DELETE", `/git/refs/heads/${BRANCH}`);
    },
  };
}

const STAGES: Readonly<Record<string, () => Promise<Stage>>> = {
  "GitHub's double": async () => {
    const { bare, operator } = bareWithClone();
    const { double, options } = await startDouble(bare.path);
    operator.git("remote", "set-url", "origin", double.gitUrl("ada"));
    onTestFinished(() => expect(double.referee.violations).toEqual([]));
    return { forge: githubForge(options), operator: withGit(operator) };
  },
  emulate: async () => {
    const emulated = await startEmulated();
    return { forge: githubForge(emulated.options), operator: overHttp(emulated) };
  },
};

type Deviation = "absent" | "edited" | "removed" | "kept";

/**
 * Where the emulator does otherwise than GitHub: it makes a branch that is not there, its pull requests do not follow their
 * branch, and it knows no states of commits. As soon as it does as GitHub, its row here fails and must go.
 */
const DEVIATIONS: Readonly<Record<string, readonly Deviation[]>> = {
  emulate: ["absent", "edited", "removed", "kept"],
};

async function factsOf(
  { forge }: Stage,
  known: ReadonlyMap<string, PullFacts> = new Map(),
): Promise<PullFacts | undefined> {
  const told = await forge.observe({ branches: [BRANCH], known }, signal);
  if (!told.ok) throw new Error(told.detail);
  return told.value.get(BRANCH);
}

describe.each(Object.entries(STAGES))("%s", (stageName, setUp) => {
  const otherwise = (what: Deviation): { readonly fails: boolean } => ({
    fails: DEVIATIONS[stageName]?.includes(what) === true,
  });

  test("a branch that is proposed again and again is one proposal", async () => {
    const stage = await setUp();
    const head = await stage.operator.propose();

    const first = await stage.forge.propose(PROPOSAL, signal);
    const second = await stage.forge.propose(PROPOSAL, signal);

    const number = first.ok && first.value.kind !== "absent" ? first.value.number : -1;
    expect(number).toBeGreaterThanOrEqual(0);
    expect(second).toEqual({ ok: true, value: { kind: "found", number } });
    expect(await factsOf(stage)).toMatchObject({ state: "open", number, head });
  });

  test("a branch that is not there is not proposed", otherwise("absent"), async () => {
    const stage = await setUp();

    const told = await stage.forge.propose(PROPOSAL, signal);

    expect(told).toEqual({ ok: true, value: { kind: "absent" } });
    expect(await factsOf(stage)).toBeUndefined();
  });

  test("what a person pushes to the branch is seen", otherwise("edited"), async () => {
    const stage = await setUp();
    const before = await stage.operator.propose();
    await stage.forge.propose(PROPOSAL, signal);
    const facts = await factsOf(stage);
    const known = new Map(facts === undefined ? [] : [[BRANCH, facts]]);

    const head = await stage.operator.edit();

    expect(head).not.toBe(before);
    expect(await factsOf(stage, known)).toMatchObject({ state: "open", head });
  });

  test("what a person merges is merged, at the commit that was there", async () => {
    const stage = await setUp();
    const head = await stage.operator.propose();
    await stage.forge.propose(PROPOSAL, signal);

    await stage.operator.merge();

    expect(await factsOf(stage)).toMatchObject({ state: "merged", head });
  });

  test(
    "a proposal whose branch was deleted is closed, and not proposed again",
    otherwise("removed"),
    async () => {
      const stage = await setUp();
      await stage.operator.propose();
      await stage.forge.propose(PROPOSAL, signal);
      const facts = await factsOf(stage);
      const known = new Map(facts === undefined ? [] : [[BRANCH, facts]]);

      await stage.operator.remove();

      expect(await factsOf(stage, known)).toMatchObject({ state: "closed" });
      const again = await stage.forge.propose(PROPOSAL, signal);
      expect(again.ok && again.value.kind).not.toBe("made");
      expect(await factsOf(stage, known)).toMatchObject({ state: "closed" });
    },
  );

  test("issues and statuses are kept", otherwise("kept"), async () => {
    const stage = await setUp();
    const head = await stage.operator.propose();
    const issue = { key: "dashboard", title: "Dashboard", body: "All is quiet." };
    const word = {
      context: "fettle/gate",
      state: "pending",
      description: "",
      number: 1,
    } as const;

    const told = [
      await stage.forge.keepIssue(issue, signal),
      await stage.forge.keepIssue(issue, signal),
      await stage.forge.sayOf(head, word, signal),
      await stage.forge.sayOf(head, word, signal),
    ];

    const outcomes = told.map((one) => (one.ok ? one.value : one.reason));
    expect(outcomes).toEqual(["made", "same", "made", "same"]);
  });
});
