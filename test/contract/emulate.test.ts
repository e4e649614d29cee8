/**
 * What the emulator does otherwise than GitHub. Each row fails as soon as it does as GitHub: then the row goes, and what was let
 * pass because of it in forge.test.ts, too. What is `github` stands in GitHub's OpenAPI description and documentation.
 */
import { expect, test } from "vitest";
import { githubForge } from "#runner/forge/github.ts";
import {
  fieldOf,
  makeBranch,
  OWNER,
  putFile,
  startEmulated,
  type Emulated,
} from "./github/emulated.ts";
import { isObject, textOf, type Json } from "./github/json.ts";

const BRANCH = "fettle/gate/mail-1";
const PULL = { head: BRANCH, base: "main", title: "Send the mails" };
const signal = new AbortController().signal;

async function proposed(): Promise<Emulated> {
  const emulated = await startEmulated();
  await makeBranch(emulated, BRANCH);
  await emulated.ask("POST", "/pulls", PULL);
  return emulated;
}

/** `seen`: what the emulator answers. */
interface Deviation {
  readonly github: Json;
  readonly seen: Json;
  readonly of: (emulated: Emulated) => Promise<Json>;
}

const statusOf =
  (method: string, path: string, body?: object) =>
  async ({ ask }: Emulated): Promise<Json> =>
    (await ask(method, path, body)).status;

const DEVIATIONS: Readonly<Record<string, Deviation>> = {
  "a second pull request of the same branch": {
    github: 422,
    seen: 201,
    of: statusOf("POST", "/pulls", PULL),
  },
  "a pull request of a branch that is not there": {
    github: 422,
    seen: 201,
    of: statusOf("POST", "/pulls", { ...PULL, head: "nowhere" }),
  },
  "a merge of another commit than the branch holds": {
    github: 409,
    seen: 422,
    of: statusOf("PUT", "/pulls/1/merge", { sha: "0".repeat(40) }),
  },
  "a merge of what is merged": {
    github: 405,
    seen: 422,
    of: async (emulated) => {
      await emulated.ask("PUT", "/pulls/1/merge", {});
      return statusOf("PUT", "/pulls/1/merge", {})(emulated);
    },
  },
  "opening again what is merged": {
    github: 422,
    seen: 200,
    of: async (emulated) => {
      await emulated.ask("PUT", "/pulls/1/merge", {});
      return statusOf("PATCH", "/pulls/1", { state: "open" })(emulated);
    },
  },
  "a review": {
    github: 200,
    seen: 201,
    of: statusOf("POST", "/pulls/1/reviews", { event: "APPROVE" }),
  },
  "the state of a commit": {
    github: 201,
    seen: 404,
    of: async (emulated) => {
      const head = fieldOf((await emulated.ask("GET", "/pulls/1")).body, "head", "sha");
      return statusOf("POST", `/statuses/${textOf(head)}`, { state: "success" })(emulated);
    },
  },
  "a pull request whose branch is gone": {
    github: "closed",
    seen: "open",
    of: async ({ ask }) => {
      await ask("DELETE", `/git/refs/heads/${BRANCH}`);
      return fieldOf((await ask("GET", "/pulls/1")).body, "state");
    },
  },
  "the head of a pull request after a push": {
    github: "follows",
    seen: "stays",
    of: async (emulated) => {
      const pushed = await putFile(emulated, BRANCH, { path: "more.yaml", text: "more\n" });
      const { body } = await emulated.ask("GET", "/pulls/1");
      return fieldOf(body, "head", "sha") === pushed ? "follows" : "stays";
    },
  },
  "how many comments a pull request says it has": {
    github: 1,
    seen: 0,
    of: async ({ ask }) => {
      await ask("POST", "/issues/1/comments", { body: "/fettle approve" });
      return fieldOf((await ask("GET", "/pulls/1")).body, "comments");
    },
  },
  "who has closed an issue": {
    github: OWNER,
    seen: null,
    of: async ({ ask }) => {
      await ask("PATCH", "/pulls/1", { state: "closed" });
      return fieldOf((await ask("GET", "/issues/1")).body, "closed_by", "login");
    },
  },
};

test.each(Object.entries(DEVIATIONS))("The emulator deviates: %s.", async (_, row) => {
  const seen = await row.of(await proposed());

  expect(seen).toEqual(row.seen);
  expect(seen).not.toEqual(row.github);
});

test("The emulator's pull request is proposed once, noted once, reviewed by whom it says, and merged as it was seen.", async () => {
  const emulated = await startEmulated();
  const head = await makeBranch(emulated, BRANCH);
  const forge = githubForge(emulated.options);
  const proposal = { branch: BRANCH, title: "Send the mails", body: "Two.", labels: ["fettle"] };

  const made = [await forge.propose(proposal, signal), await forge.propose(proposal, signal)];
  await emulated.ask("POST", "/pulls/1/reviews", { event: "APPROVE" });
  const may = [await forge.mayWrite(OWNER, signal), await forge.mayWrite("stranger", signal)];
  const noted = [
    await forge.note(1, { key: "answers", text: "One." }, signal),
    await forge.note(1, { key: "answers", text: "Two." }, signal),
    await forge.note(1, { key: "answers", text: "Two." }, signal),
  ];
  const told = await forge.observe({ branches: [BRANCH], known: new Map() }, signal);
  const stale = await forge.merge(1, { head: "0".repeat(40), message: "Approve" }, signal);
  const merged = await forge.merge(1, { head, message: "Approve" }, signal);
  const comments = (await emulated.ask("GET", "/issues/1/comments")).body;

  expect(made.map((one) => one.ok && one.value)).toEqual([
    { kind: "made", number: 1 },
    { kind: "found", number: 1 },
  ]);
  expect(may).toEqual([
    { ok: true, value: true },
    { ok: true, value: false },
  ]);
  expect(noted.map((one) => one.ok && one.value)).toEqual(["made", "changed", "same"]);
  const review = { login: OWNER, isBot: false, state: "approved", commit: head };
  expect(told.ok && told.value.get(BRANCH)).toMatchObject({
    state: "open",
    head,
    reviews: [review],
  });
  expect(stale).toMatchObject({ ok: false, reason: "refused" });
  expect(merged).toMatchObject({ ok: true, value: { kind: "merged" } });
  const texts = Array.isArray(comments) ? comments.filter(isObject).map(({ body }) => body) : [];
  expect(texts).toEqual(["<!-- fettle:answers -->\nTwo."]);
});
