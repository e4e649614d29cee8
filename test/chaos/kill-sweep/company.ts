/** The company whose verbs are killed: a list, a note for each, a gate, a letter for each, the log. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { agent, pipeline, project, settings } from "../../support/company.ts";
import { makeDesk, openGate, type Desk } from "../../e2e/program.ts";
import { makeCompany } from "../../e2e/small-company.ts";
import type { FileTexts } from "../../support/git-repo.ts";

export const PEOPLE = ["ann", "ben"];

/** How far the company has come when the verb begins. */
export type Stage = "asked" | "proposed" | "approved" | "handed out" | "executed";

/** Folders that are put back to a stage as often as one wants. */
export class KilledCompany {
  readonly desk: Desk = makeDesk();
  readonly #stages = join(this.desk.folder, "stages");

  get operator(): Desk {
    return this.desk.at(join(this.#live, "company"));
  }

  get origin(): Desk | null {
    const folder = join(this.#live, "origin.git");
    return existsSync(folder) ? this.desk.at(folder) : null;
  }

  /** Written by the agent that sends, outside of everything that git sees. */
  get letters(): readonly string[] {
    return existsSync(this.#post) ? readFileSync(this.#post, "utf8").trim().split("\n") : [];
  }

  /** Folders in which something must not be half done. */
  get folders(): readonly string[] {
    return [this.#live];
  }

  get notes(): string {
    return this.desk.folder;
  }

  async prepare(): Promise<void> {
    for (const hasOrigin of [false, true]) {
      for (const path of [this.#live, this.#post]) rmSync(path, { recursive: true, force: true });
      mkdirSync(this.#live, { recursive: true });
      const company = await makeCompany(this.desk.at(this.#live), "company", this.#files());
      if (hasOrigin) {
        await this.desk.at(this.#live).git("clone", "--quiet", "--bare", "company", "origin.git");
        await company.git("remote", "add", "origin", join(this.#live, "origin.git"));
      }
      await this.#advance(company, hasOrigin);
    }
  }

  async #advance(company: Desk, hasOrigin: boolean): Promise<void> {
    await succeeded(company, "run", "letters");
    this.#keep("asked", hasOrigin);
    await succeeded(company, "reconcile");
    this.#keep("proposed", hasOrigin);
    await succeeded(company, "approve", await openGate(company));
    this.#keep("approved", hasOrigin);
    if (!hasOrigin) return;
    await succeeded(company, "plan", "--lanes", "1", "--out", "../lanes");
    this.#keep("handed out", hasOrigin);
    await succeeded(company, "execute", "../lanes/lane-1.json", "--out", "../results");
    this.#keep("executed", hasOrigin);
  }

  async restore(stage: Stage, hasOrigin: boolean): Promise<void> {
    rmSync(this.#live, { recursive: true, force: true });
    rmSync(this.#post, { force: true });
    const kept = this.#nameOf(stage, hasOrigin);
    cpSync(kept, this.#live, { recursive: true, preserveTimestamps: true });
    if (existsSync(`${kept}.post`)) cpSync(`${kept}.post`, this.#post);
    await this.operator.git("status", "--porcelain");
  }

  get #live(): string {
    return join(this.desk.folder, "live");
  }

  get #post(): string {
    return join(this.desk.folder, "post.txt");
  }

  #keep(stage: Stage, hasOrigin: boolean): void {
    const kept = this.#nameOf(stage, hasOrigin);
    cpSync(this.#live, kept, { recursive: true, preserveTimestamps: true });
    if (existsSync(this.#post)) cpSync(this.#post, `${kept}.post`);
  }

  #nameOf(stage: Stage, hasOrigin: boolean): string {
    return join(this.#stages, hasOrigin ? `${stage}-shared` : stage);
  }

  #files(): FileTexts {
    const people = PEOPLE.map((name) => ({ name }));
    const forEach = { itemKey: "${{ item.name }}", with: { name: "${{ item.name }}" } };
    return {
      ...settings(),
      ...project("shop"),
      ...agent("list"),
      "agents/list/main.sh": `printf '{"outputs":{"people":${JSON.stringify(people)}}}'\n`,
      ...agent("writer", { writes: ["${{ project.dir }}/notes/**"] }),
      "agents/writer/main.sh": `to=$(grep -o '"name":"[a-z]*"' | tail -n 1 | cut -d '"' -f 4)
mkdir -p projects/shop/notes && echo "Dear $to" > projects/shop/notes/$to.md
printf '{"outputs":{"text":"hello"}}'
`,
      ...agent("send", { effects: "external", idempotency: "none" }),
      "agents/send/main.sh": `to=$(grep -o '"to":"[a-z]*"' | tail -n 1 | cut -d '"' -f 4)
echo "$to" >> ${this.#post}
printf '{"outputs":{}}'
`,
      ...pipeline("shop/letters", [
        { id: "list", agent: "list" },
        { id: "write", agent: "writer", forEach: "${{ steps.list.outputs.people }}", ...forEach },
        {
          id: "review",
          gate: "Send the letters",
          ask: "always",
          show: { letters: "${{ steps.write.items }}" },
        },
        {
          id: "send",
          agent: "send",
          forEach: "${{ steps.review.approved.letters }}",
          itemKey: "${{ item.key }}",
          with: { to: "${{ item.key }}" },
          once: { key: "letter/${{ item.key }}", every: "7d", max: 1 },
          compensate: { none: "a posted letter cannot be recalled" },
        },
        {
          id: "thank",
          agent: "writer",
          with: { name: "${{ size(steps.send.items) > 0 ? 'all' : 'none' }}" },
        },
      ]),
    };
  }
}

async function succeeded(desk: Desk, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await desk.fettle(...args);
  if (code !== 0) throw new Error(`fettle ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}
