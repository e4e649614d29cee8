/** A bare repository behind git's own smart HTTP, on the loopback. */
import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { dirname } from "node:path";

export interface HttpOrigin {
  readonly url: (name: string) => string;
  /** Bytes that were sent so far, over all connections. */
  readonly sent: () => number;
  readonly close: () => Promise<void>;
}

/** Serves the repositories in the folder; whoever asks may push where `http.receivepack` is true. */
export async function serveHttp(folder: string, path: string): Promise<HttpOrigin> {
  const server = createServer((request, response) => answer({ folder, path }, request, response));
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: (name) => `http://127.0.0.1:${address.port}/${name}`,
    sent: () => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answer(
  { folder, path }: { readonly folder: string; readonly path: string },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const headers = request.headers;
  const backend = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: path,
      HOME: dirname(folder),
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
      REMOTE_ADDR: "127.0.0.1",
      ...(headers["content-length"] && { CONTENT_LENGTH: headers["content-length"] }),
    },
  });
  // A client that was killed takes nothing of the server along; what it began is received or refused as a whole.
  backend.stdin.on("error", () => undefined);
  request.on("error", () => undefined);
  request.pipe(backend.stdin);
  passOn(backend.stdout, response);
}

/** CGI: headers, an empty line, the body. */
function passOn(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  let hasBegun = false;
  output.on("data", (chunk: Buffer) => {
    if (hasBegun) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    hasBegun = true;
    const lines = head.subarray(0, end).toString("latin1").split("\r\n");
    const fields = lines.map((line) => line.split(": ")).filter(([name]) => name !== "Status");
    const status = lines.find((line) => line.startsWith("Status: "))?.slice(8, 11) ?? "200";
    response.writeHead(Number(status), Object.fromEntries(fields));
    response.write(head.subarray(end + 4));
  });
  output.on("end", () => response.end());
}
