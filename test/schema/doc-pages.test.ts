/** What the pages show in YAML is what can be written. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { goodFiles, resolveFiles, shippedMailer, spell } from "../support/fixture-workspace.ts";

const pages = readdirSync("docs")
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);

/** By the path that the first line of each block names. */
function blocksOf(page: string): readonly (readonly [string, string])[] {
  const blocks = readFileSync(page, "utf8").matchAll(/```yaml\n([\s\S]*?)```/gu);
  return [...blocks].map(([, text = ""]) => [/^# (\S+)\n/u.exec(text)?.[1] ?? "", text] as const);
}

/** What the agents of the pages name besides: their own files, and what fettle.yaml declares. */
const BESIDE = {
  ...shippedMailer(),
  "agents/greeter/prompt.md": "Greet {{inputs.client}}.\n",
  "agents/greeter/text.hbs": "Dear {{inputs.client}},\n",
  "agents/site-keeper/prompt.md": "{{inputs.wish}}\n",
  "agents/bookkeeper/main.js": "",
  "agents/summarizer/main.mjs": "",
  "fettle.yaml": `${goodFiles().get("fettle.yaml") ?? ""}  BANK_TOKEN: { env: BANK_TOKEN }\n  CRM_TOKEN: { env: CRM_TOKEN }\n`,
};

test.each(pages)("every block of %s says where it stands and has no error", (page) => {
  const blocks = blocksOf(page);

  const resolved = resolveFiles({ ...BESIDE, ...Object.fromEntries(blocks) });

  expect(blocks.filter(([path]) => path === "")).toEqual([]);
  const errors = resolved.violations.filter(({ severity }) => severity === "error");
  expect(errors.map(spell)).toEqual([]);
});

test("the page of agents shows an agent.yaml with every key, and more than one way to execute", () => {
  const schema = JSON.parse(readFileSync("schemas/agent.schema.json", "utf8"));
  const agents = blocksOf("docs/agents.md").map(([, text]) => text);
  const all = agents.join("\n");
  const keys = Object.keys(schema.properties);

  expect(keys.filter((key) => !new RegExp(`^${key}:`, "mu").test(all))).toEqual([]);
  expect(all).toMatch(/^ {2}command: [\s\S]*^ {2}model: /mu);
});
