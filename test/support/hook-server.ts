/** A web server on the loopback that keeps what it is asked. */
import { once } from "node:events";
import { createServer } from "node:http";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface HookServer {
  readonly url: string;
  readonly asked: Asked[];
  /** What it answers from now on; null: hangs up. */
  status: number | null;
  readonly close: () => void;
}

export async function hookServer(): Promise<HookServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { method = "", url = "" } = request;
      asked.push({ method, path: url, body: Buffer.concat(parts).toString("utf8") });
      if (hook.status === null) request.socket.destroy();
      else response.writeHead(hook.status).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const hook: HookServer = { url, asked, status: 200, close: () => server.close() };
  return hook;
}
