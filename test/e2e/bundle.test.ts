import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { bundled, heavyPackages, loadedFiles } from "../../bench/loaded.ts";
import { happens, type Host } from "../support/actions-host.ts";
import { builtinsOf } from "../support/builtins.ts";
import { fettle, fettleOn, fettleShown } from "../support/bundled-program.ts";
import { agent, noteCompany, pipeline, project, settings } from "../support/company.ts";
import {
  addOrigin,
  ENVIRONMENT,
  makeFolder,
  makeRepository,
  type TestRepository,
} from "../support/git-repo.ts";
import { ADA } from "../support/rehearsal.ts";
import { SHIPPED } from "../support/shipped.ts";

const ROOT = join(import.meta.dirname, "../..");

beforeAll(() => {
  // Built beforehand, and other tests are starting it.
  if (SHIPPED["FETTLE_DIST"] === "1") return;
  execFileSync(process.execPath, [join(ROOT, "build.ts")], { stdio: "pipe" });
});

test("The bundle says its version.", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

  expect(fettle("--version")).toBe(`${version}\n`);
});

test("The bundle reconciles, and a tick with nothing to do loads one file and no package.", () => {
  const { path } = makeRepository(noteCompany());

  const first = fettle("-C", path, "reconcile");
  fettle("-C", path, "reconcile");
  const loaded = loadedFiles(["-C", path, "reconcile"]);

  expect(first).toContain("1 change recorded");
  expect(loaded.map((url) => url.slice(url.lastIndexOf("/") + 1))).toEqual(["cli.mjs"]);
  expect(heavyPackages(path)).toBe(0);
});

test("A tick with a changed project starts no process, and loads no module of Node that takes long and is not used.", () => {
  const company = makeRepository(noteCompany());
  const edit = (summary: string): string =>
    company.commit({
      "projects/shop/project.yaml": `apiVersion: fettle/v1\nsummary: ${summary}\n`,
    });
  for (const _ of [1, 2]) fettle("-C", company.path, "reconcile");
  edit("Edited.");

  const told = fettleOn({ PATH: "/nowhere" }, "-C", company.path, "reconcile");
  edit("Edited again.");
  const loaded = builtinsOf(join(ROOT, "bin/fettle.mjs"), "-C", company.path, "reconcile");

  expect(told).toContain("1 change recorded");
  expect(loaded).toContain("crypto");
  expect(loaded.filter((name) => /^(?:v8|fs\/promises|timers\/promises)$/.test(name))).toEqual([]);
  expect(readdirSync(join(company.path, ".git/fettle/cache/code"))).toContainEqual(
    expect.stringMatching(/^tick-[0-9a-f]+\.code$/),
  );
});

test("What a tick loads late can be loaded from its file, and Node warns of nothing.", () => {
  const text = readFileSync(join(ROOT, "dist/tick.cjs"), "utf8");
  const late = [...text.matchAll(/require\("\.(\/[\w-]+\.mjs)"\)/g)].map(([, file]) => file);
  const file = join(makeFolder(), "late.cjs");
  writeFileSync(file, late.map((path) => `require("${ROOT}/dist${path}");`).join("\n"));
  const script = `new (await import("${ROOT}/runner/kept-code.ts")).KeptCode().load("${file}")`;

  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script]);

  expect(late.length).toBeGreaterThan(10);
  expect([status, stderr.toString()]).toEqual([0, ""]);
});

test("The file of a tick holds no package, no letter box and no gateway: they have files of their own.", () => {
  const { outputs } = bundled();
  const inputs = Object.keys(outputs["dist/tick.cjs"]?.inputs ?? {});
  const rare = /^node_modules|runner\/(?:notify\/mail|gateway|runtimes\/execute)/;

  expect(inputs).toContain("runner/tick.ts");
  expect(inputs.filter((input) => rare.test(input))).toEqual([]);
  for (const file of ["mail", "octokit", "gateway"])
    expect(outputs).toHaveProperty([`dist/${file}.mjs`]);
});

test("A tick with nothing to do loads no module of Node that a bare start does not, but the name of the machine.", () => {
  const { path } = makeRepository(noteCompany());
  for (const _ of [1, 2]) fettle("-C", path, "reconcile");

  const bare = builtinsOf("--eval", "0");
  const loaded = builtinsOf(join(ROOT, "bin/fettle.mjs"), "-C", path, "reconcile");

  expect(loaded.filter((name) => !bare.includes(name))).toEqual(["os"]);
});

test("The bundle does the main job: programs and templates at work, a gate, an approval, the mails.", () => {
  const studio = join(makeFolder(), "studio");
  // How many reminders are due depends on the day.
  const monday = { FETTLE_NOW: "2026-11-23T09:00:00Z" };

  const first = fettleOn(monday, "try", studio);
  fettleOn(monday, "-C", studio, "approve", "chase");
  fettleOn(monday, "-C", studio, "reconcile");

  expect(first).toContain("Send the reminders");
  expect(readdirSync(join(studio, "projects/collections/outbox"))).toHaveLength(9);
  expect(fettle("-C", studio, "verify")).toContain("verified");
});

const hasScript = spawnSync("script", ["--version"]).status === 0;

test.skipIf(!hasScript)("A tick at rest tells who looks on what is not committed.", () => {
  const company = makeRepository(noteCompany());
  for (const _ of [1, 2]) fettle("-C", company.path, "reconcile");
  company.write(project("shop", { summary: "Edited." }));

  const unseen = fettle("-C", company.path, "reconcile");
  const shown = fettleShown(company.path, "reconcile");

  expect(unseen).toContain("nothing to do");
  expect(shown).toContain("nothing to do");
  expect(shown).toContain("1 file has changes");
});

test("A tick at rest answers in the bundle as it does in the source.", () => {
  const { path } = makeRepository(noteCompany());
  for (const _ of [1, 2]) fettle("-C", path, "reconcile");

  const quick = fettle("-C", path, "--json", "reconcile");
  const whole = fettle("--json", "--dir=.", "-C", path, "reconcile");

  expect(JSON.parse(quick)).toEqual(JSON.parse(whole));
});

test("What the quick start runs into is told in the program's own words.", () => {
  const { path } = makeRepository(noteCompany());
  writeFileSync(join(path, ".git/fettle"), "in the way");

  expect(() => fettle("-C", path, "reconcile")).toThrow(
    expect.objectContaining({ status: 70, stderr: expect.stringMatching(/^error: /) }),
  );
});

test("Nothing outside dist/ is imported: what ships needs no packages.", () => {
  const imports = Object.values(bundled().outputs).flatMap((file) => file.imports);
  const outside = imports.filter(({ path }) => {
    return !path.startsWith("dist/") && !existsSync(join(ROOT, "dist", path));
  });

  // Asked for in case they are there, and done without.
  const onAsking = ["@lancedb/lancedb", "apache-arrow", "minisearch"];
  const needed = outside.filter(
    ({ path, kind }) =>
      path !== "supports-color" && !(kind === "dynamic-import" && onAsking.includes(path)),
  );
  expect(needed).toEqual([]);
});

const SENDER = `test "$MAIL_KEY" = "s3cret-key" && printf '{"outputs":{"text":"::error::told"},"receipt":{}}'\n`;
const SCRIBE = `test -z "$MAIL_KEY" && mkdir -p projects/shop && printf sent > projects/shop/sent.txt && printf '{"outputs":{}}'\n`;

const MAILING = {
  ...settings({ secrets: { MAIL_KEY: { env: "MAIL_KEY", agents: ["sender"] } } }),
  ...project("shop"),
  ...agent("sender", { effects: "external", idempotency: "native", secrets: ["MAIL_KEY"] }),
  "agents/sender/main.sh": SENDER,
  ...agent("scribe", { writes: ["${{ project.dir }}/sent.txt"] }),
  "agents/scribe/main.sh": SCRIBE,
  ...pipeline("shop/mail", [
    {
      id: "send",
      agent: "sender",
      once: { key: "mail/ann" },
      compensate: { none: "a sent mail cannot be recalled" },
    },
    { id: "log", agent: "scribe", with: { sent: "${{ steps.send.outputs.text }}" } },
  ]),
};

/** With workflows on main, an origin, and a run that is asked for. */
function hosted(operator: TestRepository): {
  readonly written: string;
  readonly origin: TestRepository;
  readonly host: Host;
} {
  operator.git("config", "user.email", ADA);
  const written = fettle("init", operator.path, "--github");
  operator.git("add", "--force", ".github");
  operator.git("commit", "--quiet", "--message", "Run in GitHub Actions");
  const origin = addOrigin(operator);
  for (const may of ["allowFilter", "allowAnySHA1InWant"]) {
    origin.git("config", `uploadpack.${may}`, "true");
  }
  fettle("-C", operator.path, "run", "mail");
  return { written, origin, host: { origin, secrets: { MAIL_KEY: "s3cret-key" } } };
}

test("In GitHub Actions a company works in lanes, with the bundle that lies in its repository, from request to result.", () => {
  const operator = makeRepository(MAILING);
  const { written, origin, host } = hosted(operator);

  const sending = happens(host, "fettle-reconcile.yml", { event_name: "workflow_dispatch" });
  const logging = happens(host, "fettle-reconcile.yml", { event_name: "repository_dispatch" });
  const idle = happens(host, "fettle-reconcile.yml", { event_name: "schedule" });

  expect(written).toContain("gh secret set MAIL_KEY");
  const all = { plan: "success", execute: "success", settle: "success" };
  expect([sending.results, logging.results]).toEqual([all, all]);
  expect(idle.results).toEqual({ plan: "success", execute: "skipped", settle: "skipped" });
  expect([sending, logging, idle].map(({ again }) => again)).toEqual([true, false, false]);
  expect(sending.summary).toContain("| 1 | 1 | 2 | MAIL\\_KEY |");
  expect(logging.summary).toContain("| 1 | 1 | 2 | – |");
  expect(origin.git("show", "main:projects/shop/sent.txt")).toBe("sent");
  expect(origin.git("log", "--format=%B", "fettle/state")).toContain("step send succeeded");
  for (const { log } of [sending, logging, idle]) {
    expect(log).not.toContain("s3cret-key");
    const own = "::warning file=projects/shop/pipelines/mail.yaml,line=";
    expect(commandsIn(log).filter((line) => !line.startsWith(own))).toEqual([]);
  }
  expect(fettle("-C", operator.path, "verify")).toContain("verified");
  // Each wave: a machine that plans, one lane, one that settles.
  const { lanes } = JSON.parse(origin.git("show", "fettle/state:live/_workspace.json"));
  expect(Object.values(lanes.days)).toEqual([6]);
});

test("Where lanes wait for the sake of minutes no further wave is asked for, and the summary says until when.", () => {
  const actions = { every: "1d", minutes: 2000, spareFrom: 0 };
  const secrets = { MAIL_KEY: { env: "MAIL_KEY", agents: ["sender"] } };
  const operator = makeRepository({ ...MAILING, ...settings({ secrets, actions }) });
  const { host } = hosted(operator);

  const sending = happens(host, "fettle-reconcile.yml", { event_name: "workflow_dispatch" });
  const spared = happens(host, "fettle-reconcile.yml", { event_name: "schedule" });

  expect(sending.results).toEqual({ plan: "success", execute: "success", settle: "success" });
  expect(sending.again).toBe(false);
  expect(spared.results).toEqual({ plan: "success", execute: "skipped", settle: "skipped" });
  expect(spared.summary).toMatch(/no lane is opened before 2\d{3}-\d\d-\d\d \d\d:\d\d \(UTC\)/u);
});

test("A pull request is checked with the program of main: what would be done is told, and nothing of it is executed.", () => {
  const operator = makeRepository(MAILING);
  fettle("init", operator.path, "--github");
  operator.git("add", "--force", ".github");
  operator.git("commit", "--quiet", "--message", "Run in GitHub Actions");
  const origin = addOrigin(operator);
  origin.git("config", "uploadpack.allowFilter", "true");
  origin.git("config", "uploadpack.allowAnySHA1InWant", "true");
  const base = operator.git("rev-parse", "main");
  operator.git("switch", "--quiet", "--create", "proposal");
  const trap = join(makeFolder(), "executed");
  const sha = operator.commit(
    {
      ".github/fettle/program/cli.mjs": `require("fs").writeFileSync("${trap}", "")`,
      ".github/actions/fettle/action.yml": "runs: { using: composite, steps: [] }\n",
      "agents/sender/main.sh": `touch ${trap}\n`,
      ...pipeline("shop/mail", [{ id: "send", agent: "sendr" }]),
      ...project("second"),
    },
    "Propose",
  );
  operator.git("push", "--quiet", "origin", "proposal");
  const fork = { full_name: "mallory/company" };
  const pull = { base: { sha: base }, head: { sha, repo: fork }, number: 7 };

  const { results, log, summary, jobs } = happens(
    { origin, secrets: { MAIL_KEY: "s3cret-key" } },
    "fettle-check.yml",
    {
      event_name: "pull_request",
      event: { pull_request: pull },
    },
  );

  expect(results).toEqual({ check: "failure", comment: "skipped" });
  expect(existsSync(trap)).toBe(false);
  expect(log).toMatch(/^::error file=projects\/shop\/pipelines\/mail\.yaml,line=\d+/mu);
  expect(summary).toContain("apply   second");
  expect(jobs.flatMap(({ permissions }) => Object.values(permissions))).not.toContain("write");
});

test("doctor says when the workflows are not those of fettle.yaml, or not on main, and --fix writes them anew.", () => {
  const { path, commit, git } = makeRepository(MAILING);
  const doctor = (...args: readonly string[]): string =>
    spawnSync(process.execPath, [join(ROOT, "bin/fettle.mjs"), "-C", path, "doctor", ...args], {
      env: { ...ENVIRONMENT, FETTLE_DIST: "1" },
      encoding: "utf8",
    }).stdout;
  const before = doctor();
  fettle("init", path, "--github");
  const fresh = doctor();
  const again = fettle("init", path, "--github");
  git("add", "--force", ".github");
  git("commit", "--quiet", "--message", "Run in GitHub Actions");
  const committed = [fettle("init", path, "--github"), doctor()];

  commit({ ...settings({ secrets: { API: { env: "SHOP_API" } } }) }, "Another secret");
  writeFileSync(join(path, ".github/fettle/program/old-chunk.mjs"), "");
  const stale = doctor();
  const repaired = doctor("--fix");

  expect(before).not.toContain("workflows");
  expect(fresh).toContain("the workflows are those of fettle.yaml and of this program");
  expect(fresh).toMatch(
    /warning {2}\d+ files of \.github are not on main as here: .*\n.*git .*add/u,
  );
  expect(again).toMatch(
    /nothing to write: .*\n\nNot committed yet:\n {2}git .*add --force \.github/u,
  );
  expect(again).not.toContain("files written");
  expect(committed[0]).toMatch(/nothing to write: .*, and committed\n$/u);
  expect(committed[1]).not.toContain("not on main as here");
  expect(stale).toContain("2 files in .github are not what fettle.yaml and this program make");
  expect(repaired).toContain("2 files in .github are written anew: commit them");
  expect(repaired).toContain("the workflows are those of fettle.yaml and of this program");
  expect(repaired).toContain("1 file of .github is not on main as here");
  expect(readFileSync(join(path, ".github/workflows/fettle-reconcile.yml"), "utf8")).toContain(
    "SHOP_API: ${{ contains(matrix.secrets, 'API') && secrets.SHOP_API || '' }}",
  );
  expect(existsSync(join(path, ".github/fettle/program/old-chunk.mjs"))).toBe(false);
});

/** Lines that the runner of a job would take for commands. */
function commandsIn(log: string): readonly string[] {
  let quiet: string | null = null;
  return log.split("\n").flatMap((line) => {
    const [, command = "", value = ""] = /^\s*::([\w-]+)?[^:]*::(.*)$/u.exec(line) ?? [];
    if (quiet !== null) {
      if (line === `::${quiet}::`) quiet = null;
      return [];
    }
    if (command === "stop-commands") quiet = value;
    else if (command !== "") return [line];
    return [];
  });
}
