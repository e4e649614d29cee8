import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";
import { agent, noteCompany, pipeline, project } from "../support/company.ts";
import { makeFolder } from "../support/git-repo.ts";
import { made, Rehearsal } from "../support/rehearsal.ts";

const SECRET = "s3cr3t-tok3n-0123456789";

/** Runs `script` for real as the agent of `shop/note`, beside an honest project; what is recorded of it. */
async function attempted(
  script: string,
  limits: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly shop: Rehearsal; readonly attempt: AttemptRecord | undefined }> {
  const writes = ["${{ project.dir }}/notes/**"];
  const more = { writes, limits: { usd: 0, wall: "20s", ...limits }, secrets: ["TOKEN"] };
  const settings = {
    operators: [{ email: "ada@northwind.example" }],
    secrets: { TOKEN: { env: "TOKEN", agents: ["scribe"] } },
  };
  const files = {
    ...noteCompany(),
    "fettle.yaml": JSON.stringify({ apiVersion: "fettle/v1", ...settings }),
    ...agent("scribe", more),
    "agents/scribe/main.sh": script,
    ...pipeline("shop/note", [{ id: "write", agent: "scribe", retry: { limit: 1 } }]),
    ...project("bakery"),
    ...agent("baker", { writes: ["${{ project.dir }}/**"] }),
    ...pipeline("bakery/bake", [{ id: "bake", agent: "baker" }]),
  };
  const shop = new Rehearsal({
    files,
    plays: { baker: () => made("projects/bakery/bread.md", "bread\n") },
  });
  shop.environment = { ...shop.environment, TOKEN: SECRET };
  await shop.request("shop/note");
  await shop.request("bakery/bake");
  const before = shop.operator.git("ls-tree", "-r", "--name-only", "main").split("\n");
  const tick = await shop.tick();
  expect(tick.end).toEqual({ kind: "settled" });
  expect(shop.text("projects/bakery/bread.md")).toBe("bread");
  const after = shop.operator.git("ls-tree", "-r", "--name-only", "main").split("\n");
  expect(after.filter((path) => !before.includes(path))).toEqual(["projects/bakery/bread.md"]);
  const run = shop.closedRuns().find((closed) => closed.run.project === "shop");
  return { shop, attempt: run?.attempts[0] };
}

const ANSWER = `printf '{"outputs":{}}'`;

test.each([
  [
    "writes outside its paths",
    "mkdir -p projects/bakery; echo x > projects/bakery/x.md",
    "projects/bakery/x.md",
  ],
  ["writes a workflow", "mkdir -p .github/workflows; echo x > .github/workflows/x.yml", ".github"],
  ["writes git's own files", "mkdir -p .git/hooks; echo x > .git/hooks/post-commit", ".git"],
  [
    "leaves a symbolic link",
    "mkdir -p projects/shop/notes; ln -s /etc/passwd projects/shop/notes/p",
    "symbolic link",
  ],
  [
    "leaves a link to a folder",
    "mkdir -p projects/shop; ln -s /tmp projects/shop/notes",
    "symbolic link",
  ],
  ["leaves a pipe", "mkdir -p projects/shop/notes; mkfifo projects/shop/notes/p", "pipe"],
  ["changes its own code", "echo '# hacked' >> agents/scribe/main.sh", "agents/scribe/main.sh"],
  [
    "writes a decision",
    "mkdir -p memory/shop/decisions/x; echo x > memory/shop/decisions/x/decision.md",
    "memory",
  ],
])("An agent that %s is refused, and main does not change.", async (_, script, named) => {
  const { attempt } = await attempted(`${script}\n${ANSWER}\n`);

  expect(attempt?.outcome).toBe("permission-denied");
  expect(attempt?.reason).toContain(named);
});

test("An agent that prints without end is cut off.", async () => {
  const { attempt } = await attempted("yes | head -c 100000000\n");

  expect(attempt).toMatchObject({ outcome: "schema-invalid" });
  expect(attempt?.reason).toContain("KiB");
});

test("An agent that hangs is killed together with what it started.", async () => {
  const mark = join(makeFolder(), "alive");
  const script = `(sleep 1.5; touch ${mark}) &\nsleep 60\n`;

  const { attempt } = await attempted(script, { wall: "1s" });

  expect(attempt?.outcome).toBe("timeout");
  await new Promise((resolve) => void setTimeout(resolve, 1000));
  expect(existsSync(mark)).toBe(false);
});

test("An agent that says nothing and exits with 0 has not succeeded.", async () => {
  const { attempt } = await attempted("exit 0\n");

  expect(attempt).toMatchObject({ outcome: "schema-invalid" });
});

test("An agent cannot say that it was approved, or how its step ended.", async () => {
  const { attempt } = await attempted(`printf '{"outputs":{},"decision":"approved"}'\n`);

  expect(attempt?.outcome).toBe("schema-invalid");
});

test("A secret in the answer or in a file stops the result, and stands nowhere in the repository.", async () => {
  const inAnswer = await attempted(`printf '{"outputs":{"said":"%s"}}' "$TOKEN"\n`);
  const inFile = await attempted(
    `mkdir -p projects/shop/notes; echo "$TOKEN" > projects/shop/notes/t.md; echo "$TOKEN" >&2\n${ANSWER}\n`,
  );

  for (const { shop, attempt } of [inAnswer, inFile]) {
    expect(attempt?.outcome).toBe("permission-denied");
    const { operator } = shop;
    const objects = operator.git("cat-file", "--batch-all-objects", "--batch", "--unordered");
    expect(objects).not.toContain(SECRET);
  }
});

test("However a secret is written, and wherever, nothing of it is left in the repository.", async () => {
  const base64 = Buffer.from(SECRET).toString("base64");
  const { shop, attempt } = await attempted(
    `b=$(printf 'x%s' "$TOKEN" | base64)
h=$(printf '%s' "$TOKEN" | od -An -v -tx1 | tr -d ' \\n')
two=$(printf '%s' "$TOKEN" | sed 's/./&\\\\n/9')
echo "plain $TOKEN base64 $b hex $h" >&2
printf '%s\\n' "$TOKEN" | sed 's/./&\\n/9' >&2
printf '{"outputs":{},"rationale":"%s %s %s","memory":[{"%s":1},{"kind":"fact","subject":"a","text":"%s"}]}' "$TOKEN" "$b" "$two" "$TOKEN" "$h"\n`,
  );

  expect(attempt?.outcome).toBe("succeeded");
  expect(attempt?.rationale).toMatch(/^(\S*\[redacted: secret:TOKEN\]\S* ?){3}$/);
  const { operator } = shop;
  const objects = operator.git("cat-file", "--batch-all-objects", "--batch", "--unordered");
  const forms = [
    SECRET.slice(0, 9),
    SECRET.slice(9),
    base64.slice(0, 8),
    btoa(`x${SECRET}`).slice(2, 12),
  ];
  for (const form of [...forms, Buffer.from(SECRET).toString("hex").slice(0, 12)]) {
    expect(objects).not.toContain(form);
  }
});

test("An agent sees the secrets that it declares and nothing else of the environment.", async () => {
  const { attempt, shop } = await attempted(`env | sort | cut -d= -f1 | tr '\\n' ' ' >&2\n`);

  const { digest, month } = attempt?.log ?? { digest: "", month: "" };
  const hex = digest.slice("sha256:".length);
  const log = shop.text(`${hex.slice(0, 2)}/${hex}`, `fettle/payload/${month}`);
  expect(log).toBe("HOME LANG PATH PWD TMPDIR TOKEN TZ");
});
