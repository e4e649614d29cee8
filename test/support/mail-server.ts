/** A mail server on the loopback that keeps what it is given. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** Its answers; null: hangs up after the mail. */
export interface Manners {
  readonly greeting?: string;
  readonly mail?: string | null;
}

export interface MailServer {
  readonly url: string;
  readonly got: string[];
  readonly close: () => void;
}

export async function mailServer(manners: Manners = {}): Promise<MailServer> {
  const got: string[] = [];
  const server = createServer((socket) => converse(socket, manners, got));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `smtp://127.0.0.1:${port}`, got, close: () => server.close() };
}

function converse(socket: Socket, manners: Manners, got: string[]): void {
  const { greeting = "220 hello", mail = "250 queued" } = manners;
  let parts: string[] | null = null;
  socket.on("error", () => socket.destroy());
  socket.write(`${greeting}\r\n`);
  socket.on("data", (chunk) => {
    const text = chunk.toString();
    if (parts === null) {
      parts = text.startsWith("DATA") ? [] : null;
      socket.write(parts === null ? "250 ok\r\n" : "354 go on\r\n");
      return;
    }
    parts.push(text);
    if (!parts.join("").endsWith("\r\n.\r\n")) return;
    got.push(parts.join(""));
    parts = null;
    if (mail === null) socket.destroy();
    else socket.write(`${mail}\r\n`);
  });
}
