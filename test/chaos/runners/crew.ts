/** A company with several clones, a runner in each, one origin, and an operator who goes on working meanwhile. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { agent, pipeline, project, settings } from "../../support/company.ts";
import type { FileTexts } from "../../support/git-repo.ts";
import { serveHttp, type HttpOrigin } from "../../support/http-origin.ts";
import { makeDesk, type Desk } from "../../e2e/program.ts";
import { makeCompany } from "../../e2e/small-company.ts";

export interface CrewSize {
  readonly transport: "file" | "http";
  readonly runners: number;
  readonly keys: number;
}

/** How many people one pipeline writes to. */
const PEOPLE_PER_PIPELINE = 10;
/** A minute passes for the company in every second here, so that leases run out while a process stands still. */
const TIMES = 60;
const BEGIN = Date.parse("2026-11-23T09:00:00Z");

export class Crew {
  readonly size: CrewSize;
  readonly operator: Desk;
  readonly clones: readonly Desk[];
  readonly #desk: Desk;
  readonly #http: HttpOrigin | null;
  readonly #began = Date.now();
  #leapMs = 0;

  constructor(
    size: CrewSize,
    { desk, clones, http }: { desk: Desk; clones: readonly Desk[]; http: HttpOrigin | null },
  ) {
    const [operator, ...others] = clones;
    if (operator === undefined) throw new Error("a crew has an operator");
    this.size = size;
    this.operator = operator;
    this.clones = others;
    this.#desk = desk;
    this.#http = http;
  }

  static async gather(size: CrewSize): Promise<Crew> {
    const desk = makeDesk();
    const company = await makeCompany(desk, "company", filesOf(size, postOf(desk)));
    await desk.git("clone", "--quiet", "--bare", "company", "origin.git");
    await desk.git("-C", "origin.git", "config", "http.receivepack", "true");
    const path = desk.environment["PATH"] ?? "";
    const http = size.transport === "http" ? await serveHttp(desk.folder, path) : null;
    const url = http?.url("origin.git") ?? join(desk.folder, "origin.git");
    await company.git("remote", "add", "origin", url);
    const names = Array.from({ length: size.runners }, (_, index) => `runner${index}`);
    for (const name of names) await desk.git("clone", "--quiet", url, name);
    countPushes(desk);
    const clones = names.map((name) => desk.at(join(desk.folder, name)));
    return new Crew(size, { desk, clones: [company, ...clones], http });
  }

  /** What the next process believes to be the time, and a git that counts pushes. */
  get environment(): Readonly<Record<string, string>> {
    const passed = (Date.now() - this.#began) * TIMES + this.#leapMs;
    return {
      FETTLE_NOW: new Date(BEGIN + passed).toISOString(),
      PATH: `${join(this.#desk.folder, "bin")}:${this.#desk.environment["PATH"] ?? ""}`,
    };
  }

  /** Time in which nobody does anything. */
  leap(ms: number): void {
    this.#leapMs += ms;
  }

  get origin(): Desk {
    return this.#desk.at(join(this.#desk.folder, "origin.git"));
  }

  /** Everybody who is to be written to once. */
  get keys(): readonly string[] {
    return [...peopleOf(this.size), "notice"];
  }

  /** What was sent, in a log outside of everything. */
  get sent(): readonly string[] {
    return linesOf(postOf(this.#desk));
  }

  get pushes(): { readonly begun: number; readonly accepted: number } {
    const lines = linesOf(join(this.#desk.folder, "pushes.txt"));
    return {
      begun: lines.filter((line) => line === "begun").length,
      accepted: lines.filter((line) => line === "0").length,
    };
  }

  async disband(): Promise<void> {
    await this.#http?.close();
    this.#desk.remove();
  }

  get pipelines(): readonly string[] {
    return [
      ...groupsOf(this.size).flatMap((_, index) => [`letters${index}`, `cards${index}`]),
      "notice",
    ];
  }
}

function postOf(desk: Desk): string {
  return join(desk.folder, "post.txt");
}

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

function countPushes(desk: Desk): void {
  const log = join(desk.folder, "pushes.txt");
  appendFileSync(log, "");
  mkdirSync(join(desk.folder, "bin"));
  const git = join(desk.folder, "bin", "git");
  const real = `PATH=${desk.environment["PATH"]}; export PATH`;
  const push = `echo begun >> ${log}; git "$@"; code=$?; echo $code >> ${log}; exit $code`;
  writeFileSync(
    git,
    `#!/bin/sh\n${real}\ncase " $* " in *" push "*) ${push};; esac\nexec git "$@"\n`,
  );
  chmodSync(git, 0o755);
}

function peopleOf({ keys }: CrewSize): readonly string[] {
  return Array.from({ length: keys }, (_, index) => `p${index}x`);
}

function groupsOf(size: CrewSize): readonly (readonly string[])[] {
  const people = peopleOf(size);
  const count = Math.ceil(people.length / PEOPLE_PER_PIPELINE);
  return Array.from({ length: count }, (_, index) =>
    people.slice(index * PEOPLE_PER_PIPELINE, (index + 1) * PEOPLE_PER_PIPELINE),
  );
}

function filesOf(size: CrewSize, post: string): FileTexts {
  const groups = groupsOf(size);
  const both = groups.map((people, index) => letters(people, index));
  return {
    ...settings(),
    ...project("shop"),
    ...agent("list"),
    "agents/list/main.sh": `people=$(grep -o '"names":"[^"]*"' | tail -n 1 | cut -d '"' -f 4)
printf '{"outputs":{"people":['; comma=; for name in $people; do printf '%s"%s"' "$comma" "$name"; comma=,; done; printf ']}}'
`,
    ...agent("send", { effects: "external", idempotency: "none" }),
    "agents/send/main.sh": `to=$(grep -o '"to":"[a-z0-9]*"' | tail -n 1 | cut -d '"' -f 4)
sleep 0.02; echo "$to" >> ${post}; sleep 0.02
printf '{"outputs":{}}'
`,
    ...agent("clerk", { writes: ["${{ project.dir }}/log/**"] }),
    "agents/clerk/main.sh": `name=$(grep -o '"file":"[a-z0-9]*"' | tail -n 1 | cut -d '"' -f 4)
mkdir -p projects/shop/log && date +%N > projects/shop/log/$name.md
printf '{"outputs":{"text":"done"}}'
`,
    ...Object.assign({}, ...both),
    ...pipeline("shop/notice", [
      { id: "draft", agent: "clerk", with: { file: "draft" } },
      {
        id: "review",
        gate: "Post it",
        ask: "always",
        show: { text: "${{ steps.draft.outputs }}" },
      },
      { id: "post", needs: ["review"], ...sending("notice") },
    ]),
  };
}

/** Two pipelines that want to write to the same people. */
function letters(people: readonly string[], index: number): FileTexts {
  const steps = (name: string): readonly Record<string, unknown>[] => [
    { id: "list", agent: "list", with: { names: people.join(" ") } },
    {
      id: "send",
      forEach: "${{ steps.list.outputs.people }}",
      itemKey: "${{ item }}",
      ...sending("${{ item }}"),
    },
    { id: "note", needs: ["send"], agent: "clerk", with: { file: `${name}${index}` } },
  ];
  return {
    ...pipeline(`shop/letters${index}`, steps("letters")),
    ...pipeline(`shop/cards${index}`, steps("cards")),
  };
}

function sending(to: string): Record<string, unknown> {
  return {
    agent: "send",
    with: { to },
    once: { key: `mail/${to}`, every: "30d", max: 1 },
    compensate: { none: "a sent mail cannot be recalled" },
  };
}
