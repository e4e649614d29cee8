/** A bare repository behind git's own smart HTTP, on the loopback. */
import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { dirname } from "node:path";
import { buffer } from "node:stream/consumers";

export interface HttpOrigin {
  readonly url: (name: string) => string;
  /** Bytes that were sent so far, over all connections. */
  readonly sent: () => number;
  readonly close: () => Promise<void>;
}

/** What happens on the way; nothing, where it is left out. */
export interface Way {
  /** Asked when a push has come, before anything of it is received. */
  readonly onPush: () => Promise<"answered" | "request-lost" | "answer-lost">;
  /** Told when a push has been received or refused, before its answer leaves. */
  readonly onPushed: () => Promise<void>;
  /** Asked when somebody wants to know the refs, to fetch or to push; false cuts the connection. */
  readonly onAsk: (service: "fetch" | "push") => boolean;
}

export const OPEN_WAY: Way = {
  onPush: () => Promise.resolve("answered"),
  onPushed: () => Promise.resolve(),
  onAsk: () => true,
};

/** Serves the repositories in the folder; whoever asks may push where `http.receivepack` is true. */
export async function serveHttp(
  folder: string,
  path: string,
  way: Way = OPEN_WAY,
): Promise<HttpOrigin> {
  const server = createServer((request, response) => {
    void travel({ folder, path, way }, request, response);
  });
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

/** Repositories in a folder, the search path of git, and what happens on the way. */
interface Place {
  readonly folder: string;
  readonly path: string;
  readonly way: Way;
}

function isHeard(way: Way, url: string): boolean {
  const service = /info\/refs\?service=git-(upload|receive)-pack$/.exec(url)?.[1];
  return service === undefined || way.onAsk(service === "upload" ? "fetch" : "push");
}

/** Answers one request of git. */
export async function travel(
  place: Place,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { way } = place;
  const url = request.url ?? "";
  const isPush = request.method === "POST" && url.endsWith("/git-receive-pack");
  const fate = isPush ? await way.onPush() : "answered";
  if (fate === "request-lost" || !isHeard(way, url)) {
    request.socket.destroy();
    return;
  }
  const told = await answerOf(place, request);
  if (isPush) await way.onPushed();
  if (fate === "answer-lost") request.socket.destroy();
  else passOn(told, response);
}

/** What git says, as CGI: headers, an empty line, the body. A client that is killed takes nothing of the server along. */
function answerOf({ folder, path }: Place, request: IncomingMessage): Promise<Buffer> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const { headers } = request;
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
  backend.stdin.on("error", () => undefined);
  request.on("error", () => undefined);
  request.on("close", () => backend.stdin.end());
  request.pipe(backend.stdin);
  return buffer(backend.stdout);
}

function passOn(told: Buffer, response: ServerResponse): void {
  const end = told.indexOf("\r\n\r\n");
  const lines = told.subarray(0, end).toString("latin1").split("\r\n");
  const fields = lines.map((line) => line.split(": ")).filter(([name]) => name !== "Status");
  const status = lines.find((line) => line.startsWith("Status: "))?.slice(8, 11) ?? "200";
  // On a connection that was used before, curl would send again by itself what it got no answer to.
  response.writeHead(Number(status), { ...Object.fromEntries(fields), connection: "close" });
  response.end(told.subarray(end + 4));
}
