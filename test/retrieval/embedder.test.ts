import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import type { Embedder } from "#runner/retrieval/embedder.ts";
import { ollamaEmbedder } from "#runner/retrieval/embedder-ollama.ts";
import { openAiEmbedder } from "#runner/retrieval/embedder-openai.ts";
import { transformersEmbedder } from "#runner/retrieval/embedder-transformers.ts";
import { vectorKey, VectorStore } from "#runner/retrieval/vector-store.ts";
import { serveVectors } from "../support/vector-server.ts";

const folder = mkdtempSync(join(tmpdir(), "fettle-vectors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

const FORMS: readonly (readonly [string, (url: string) => Embedder])[] = [
  ["OpenAI", (url) => openAiEmbedder({ baseUrl: `${url}/v1`, token: "t", model: "m", id: "a" })],
  ["Ollama", (url) => ollamaEmbedder({ url, model: "m", id: "o" })],
];

test.each(FORMS)(
  "a server of %s's form gives each text its own vector, of length 1",
  async (_, of) => {
    const server = await serveVectors((text) => (text === "north" ? [0, 3] : [4, 3]));

    const made = await of(server.url).embed(["north", "east"], signal);

    expect(made).toEqual({
      ok: true,
      vectors: [Float32Array.from([0, 1]), Float32Array.from([0.8, 0.6])],
    });
  },
);

test.each(FORMS)(
  "a server of %s's form that fails says why, and one that is not there too",
  async (_, of) => {
    const server = await serveVectors();
    server.status = 500;

    expect(await of(server.url).embed(["x"], signal)).toEqual({
      ok: false,
      why: "it says 500: out of order",
    });
    expect(await of("http://127.0.0.1:47319").embed(["x"], signal)).toEqual({
      ok: false,
      why: "connect ECONNREFUSED 127.0.0.1:47319",
    });
  },
);

test.each([
  ["that point nowhere", [0, 0]],
  ["of none", []],
  ["of more numbers than an embedder gives", Array.from({ length: 300_000 }, () => 1)],
])("vectors %s are none", async (_, numbers) => {
  const server = await serveVectors(() => numbers);

  const made = await ollamaEmbedder({ url: server.url, model: "m", id: "o" }).embed(["x"], signal);

  expect(made).toEqual({ ok: false, why: "what it gave are no vectors of one length" });
});

test("an answer without an end is none", async () => {
  const server = createServer((_, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(1024 * 1024, 32)));
    };
    response.on("drain", more);
    more();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`;

  const made = await ollamaEmbedder({ url, model: "m", id: "o" }).embed(["x"], signal);

  expect(made).toEqual({ ok: false, why: "its answer has more than 64 MiB" });
});

function using(from: string | undefined, model: string): Embedder {
  return transformersEmbedder({ from: [from ?? ""], model, id: model });
}

test("transformers.js is used where the operator has installed it, and told how where not", async () => {
  const [own, bare] = ["own", "bare"].map((name) => join(folder, name));
  const library = join(own ?? "", "node_modules/@huggingface/transformers");
  mkdirSync(library, { recursive: true });
  writeFileSync(join(library, "package.json"), '{"type":"module","exports":"./main.js"}');
  writeFileSync(
    join(library, "main.js"),
    `export async function pipeline(what, model) {
       if (model === "none") throw new Error("no such model");
       return async (texts, { pooling, normalize }) => ({
         tolist: () => texts.map((text) => [text.length, what === "feature-extraction" && pooling === "mean" && normalize ? 0 : 1]),
       });
     }`,
  );

  expect(await using(own, "e5").embed(["abc"], signal)).toEqual({
    ok: true,
    vectors: [Float32Array.from([1, 0])],
  });
  expect(await using(own, "none").embed(["abc"], signal)).toEqual({
    ok: false,
    why: "none cannot be loaded: no such model",
  });
  expect(await using(bare, "e5").embed(["abc"], signal)).toEqual({
    ok: false,
    why: `@huggingface/transformers is not installed: npm install @huggingface/transformers in ${bare}`,
  });
});

test("what was embedded once is there for the next process, and what one died over is not", async () => {
  const root = join(folder, "store");
  const [one, other] = [Float32Array.from([0.6, 0.8]), Float32Array.from([1, 0])];
  const store = await VectorStore.open(root, "ollama:a");
  await store.add(new Map([[vectorKey("one"), one]]));
  const [file = ""] = readdirSync(root);
  appendFileSync(join(root, file), Buffer.alloc(41, 1));

  const torn = await VectorStore.open(root, "ollama:a");
  await torn.add(new Map([[vectorKey("other"), other]]));
  const next = await VectorStore.open(root, "ollama:a");

  expect(next.get(vectorKey("one"))).toEqual(one);
  expect(next.get(vectorKey("other"))).toEqual(other);
  expect((await VectorStore.open(root, "ollama:b")).get(vectorKey("one"))).toBeUndefined();
});
