/** A server of vectors on the loopback: OpenAI's embeddings at `/v1/embeddings`, Ollama's at `/api/embed`. */
import { createServer, type IncomingMessage } from "node:http";
import { createHash } from "node:crypto";
import { onTestFinished } from "vitest";

export interface VectorServer {
  readonly url: string;
  /** Texts of each request, with what was sent as key. */
  readonly asked: { readonly texts: readonly string[]; readonly key: string }[];
  /** While it is set the server answers with this status and nothing else. */
  status: number;
  vectorOf: VectorOf;
}

type VectorOf = (text: string) => readonly number[];

/** What two texts share of three letters each makes them near: enough to find a word in another form. */
export const byLetters: VectorOf = (text) => {
  const numbers = Array.from({ length: 256 }, () => 0);
  const plain = ` ${text.toLowerCase()} `;
  for (let at = 0; at + 3 <= plain.length; at += 1) {
    const digest = createHash("sha256")
      .update(plain.slice(at, at + 3))
      .digest();
    const place = digest[0] ?? 0;
    numbers[place] = (numbers[place] ?? 0) + 1;
  }
  return numbers;
};

export async function serveVectors(vectorOf: VectorOf = byLetters): Promise<VectorServer> {
  const served: VectorServer = { url: "", asked: [], status: 200, vectorOf };
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const { input, model }: { readonly input: readonly string[]; readonly model: string } =
        JSON.parse(body);
      served.asked.push({ texts: input, key: request.headers.authorization ?? "" });
      response.writeHead(served.status, { "content-type": "application/json" });
      if (served.status !== 200) return response.end('{"error":{"message":"out of order"}}');
      const vectors = input.map((text) => served.vectorOf(text));
      return response.end(
        JSON.stringify(
          request.url === "/api/embed"
            ? { model, embeddings: vectors }
            : openAiAnswer(model, vectors, input.join(" ").length),
        ),
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return Object.assign(served, { url: `http://127.0.0.1:${address.port}` });
}

/** Last things first: each says which text it is of. */
function openAiAnswer(model: string, vectors: readonly (readonly number[])[], letters: number) {
  const data = vectors.map((embedding, index) => ({ object: "embedding", index, embedding }));
  const tokens = Math.ceil(letters / 4);
  return {
    object: "list",
    data: data.toReversed(),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
