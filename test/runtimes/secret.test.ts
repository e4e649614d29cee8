/** What an agent that holds a secret gives may hold it nowhere. */
import { expect, test } from "vitest";
import { execute } from "#runner/runtimes/execute.ts";
import { options, program } from "./invocation-builder.ts";

const PRINT = `const print = (reply) => process.stdout.write(JSON.stringify(reply));
import { writeFileSync } from "node:fs";
`;

test("a secret in the outputs or in a file is refused, and never repeated", async () => {
  const secrets = { TOKEN: "correct horse battery" };
  const inOutputs = `${PRINT} print({ outputs: { answer: Buffer.from(process.env.TOKEN).toString("base64") } });`;
  const inFile = `${PRINT} writeFileSync("out.txt", process.env.TOKEN); print({ outputs: { answer: "a" } });`;
  const inErrors = `console.error("Error: " + process.env.TOKEN); process.exitCode = 1;`;
  const run = (source: string) =>
    execute(program(source, { secrets, writes: ["out.txt"] }, { secrets: ["TOKEN"] }), options());

  const results = [await run(inOutputs), await run(inFile), await run(inErrors)];

  expect(results.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ["permission-denied", "its outputs hold a secret (secret:TOKEN)"],
    ["permission-denied", "out.txt holds a secret (secret:TOKEN)"],
    ["crashed", "exit code 1: Error: [redacted: secret:TOKEN]"],
  ]);
  expect(results[2]?.log).toBe("Error: [redacted: secret:TOKEN]\n");
  expect(JSON.stringify(results)).not.toMatch(/correct horse|Y29ycmVjd/);
});

test.each([
  [
    "the name of a file",
    `writeFileSync(process.env.TOKEN.replaceAll(" ", "%20"), "");`,
    "the name of a file holds a secret (secret:TOKEN)",
  ],
  [
    "a file in UTF-16",
    `writeFileSync("out", Buffer.from("a" + process.env.TOKEN, "utf16le"));`,
    "out holds a secret (secret:TOKEN)",
  ],
  [
    "a file in UTF-16 of the other order",
    `writeFileSync("out", Buffer.from("a" + process.env.TOKEN, "utf16le").swap16());`,
    "out holds a secret (secret:TOKEN)",
  ],
  [
    "a file, over two lines",
    `writeFileSync("out", process.env.TOKEN.replace("horse", "ho\\nrse"));`,
    "out holds a secret (secret:TOKEN)",
  ],
])("a secret in %s is refused", async (_, deed, reason) => {
  const secrets = { TOKEN: "correct horse battery" };
  const source = `${PRINT} ${deed} print({ outputs: { answer: "a" } });`;

  const result = await execute(
    program(source, { secrets, writes: ["**"] }, { secrets: ["TOKEN"] }),
    options(),
  );

  expect(result).toMatchObject({ outcome: "permission-denied", reason, files: [] });
});

test.each([
  [
    "the last line of a log",
    `console.error("Error: " + "x".repeat(285) + process.env.TOKEN); process.exitCode = 1;`,
  ],
  ["an answer that is none", `process.stdout.write("x".repeat(195) + process.env.TOKEN);`],
  [
    "a field that nobody asked for",
    `process.stdout.write(JSON.stringify({ ["x".repeat(95) + process.env.TOKEN]: 1 }));`,
  ],
  [
    "the name of a file that may not be written",
    `mkdirSync("x".repeat(244), { recursive: true });
     writeFileSync("x".repeat(244) + "/" + process.env.TOKEN + "x".repeat(200), ""); process.stdout.write('{"outputs":{"answer":"a"}}');`,
  ],
  [
    "a log of which the beginning is gone",
    `process.stderr.write("y".repeat(9) + process.env.TOKEN.repeat(64)); process.stderr.write("z".repeat(100)); process.exitCode = 1;`,
  ],
])("where %s is cut, no part of a secret is left", async (_, source) => {
  const secrets = { TOKEN: "0123456789abcdefghijklmnopqrstuvwxyz".padEnd(1999, "-0123456789") };
  const short = { TOKEN: "0123456789abcdefghijklmnopqrstuvwxyz" };

  for (const held of [short, secrets]) {
    const isLog = source.includes("repeat(64)");
    if (isLog !== (held === secrets)) continue;
    const result = await execute(
      program(
        `import { mkdirSync, writeFileSync } from "node:fs"; ${source}`,
        { secrets: held },
        { secrets: ["TOKEN"] },
      ),
      options(),
    );

    expect(JSON.stringify(result)).toContain("[red");
    expect(JSON.stringify(result)).not.toMatch(/0123|6789-|wxyz/);
  }
});

test("the key of a model reaches no program, whatever the agent declares", async () => {
  const source = `${PRINT} print({ outputs: { answer: Object.keys(process.env).filter((name) => /KEY|TOKEN/.test(name)).join() } });`;
  const secrets = { TOKEN: "hunter2-hunter2", MODEL_KEY: "sk-not-for-programs" };
  const models = { default: { provider: "anthropic", model: "m", key: "MODEL_KEY" } } as const;

  const result = await execute(
    program(source, { secrets, models }, { secrets: ["TOKEN", "MODEL_KEY"] }),
    options(),
  );

  expect(result.outputs).toEqual({ answer: "TOKEN" });
});
