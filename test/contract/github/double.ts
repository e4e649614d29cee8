/**
 * A double of GitHub on the loopback: bodies are GitHub's own examples, its state is a real bare repository, merges are git's, and
 * every exchange is held against GitHub's OpenAPI description.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { OPEN_WAY, travel } from "../../support/http-origin.ts";
import { ENVIRONMENT } from "../../support/git-repo.ts";
import { Bodies } from "./double-bodies.ts";
import type { Answer, Request } from "./double-answer.ts";
import { answerTo } from "./double-routes.ts";
import { ACCOUNTS, DoubleState, REPOSITORY, type Account, type Who } from "./double-state.ts";
import { isObject, type JsonObject } from "./json.ts";
import { Referee } from "./referee.ts";

/** What goes wrong: an answer in place of the real one, a connection that breaks before or after GitHub has acted. */
export type Fate =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly message: string;
    }
  | { readonly kind: "request-lost" | "answer-lost" };

export class Double {
  readonly state: DoubleState;
  readonly referee = new Referee();
  readonly bodies: Bodies;
  /** Requests to the API so far, `<method> <path>`. */
  readonly asked: string[] = [];
  /** Versions of the API that fettle has asked for. */
  readonly versions = new Set<string>();
  /** Asked before each request to the API; undefined: all is well. */
  onRequest: (request: Request) => Fate | undefined = () => undefined;
  /** Pages of lists come in another order than the one asked for. */
  areListsShuffled = false;
  /** Rules that hold for main. */
  rules: readonly JsonObject[] = [];
  actions: JsonObject = { enabled: true, allowed_actions: "all" };
  workflow: JsonObject = {
    default_workflow_permissions: "read",
    can_approve_pull_request_reviews: true,
  };
  readonly #server = createServer((request, response) => {
    void this.#take(request, response);
  });

  constructor(path: string) {
    this.state = new DoubleState(path);
    this.bodies = new Bodies(this.referee, this.state, REPOSITORY);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.closeAllConnections();
      this.#server.close(() => resolve());
    });
  }

  get api(): string {
    return `http://127.0.0.1:${this.#port()}`;
  }

  /** Where git clones from and pushes to, in the name of somebody. */
  gitUrl(who: Who): string {
    return `http://${who}:token@127.0.0.1:${this.#port()}/git/${this.state.path.split("/").at(-1)}`;
  }

  #port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string")
      throw new Error("the double does not listen");
    return address.port;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? "/";
    const by = accountOf(request);
    if (url.startsWith("/git/")) return this.#git(request, response, by);
    this.state.followBranches();
    const { "user-agent": agent = "", "x-github-api-version": version } = request.headers;
    if (agent.startsWith("fettle/")) this.versions.add(String(version));
    return this.#api(await askedOf(request, by), response);
  }

  #api(asked: Request, response: ServerResponse): void {
    const { method, path, url, body: sent } = asked;
    this.asked.push(`${method} ${path}`);
    const fate = this.onRequest(asked);
    if (fate?.kind === "request-lost") return void response.destroy();
    if (fate?.kind === "answered") return this.#fail(fate, response);
    const answer = answerTo(this, asked);
    this.referee.judge({ method, url, sent, status: answer.status, answered: answer.body });
    if (fate?.kind === "answer-lost") return void response.destroy();
    return send(response, answer);
  }

  #fail(
    { status, headers = {}, message }: Extract<Fate, { kind: "answered" }>,
    response: ServerResponse,
  ): void {
    send(response, { status, headers, body: { message, documentation_url: "" } });
  }

  async #git(request: IncomingMessage, response: ServerResponse, by: Account): Promise<void> {
    request.url = (request.url ?? "").slice("/git".length);
    const isPush = request.method === "POST" && request.url.endsWith("/git-receive-pack");
    if (isPush) {
      this.state.followBranches();
      this.state.pusher = by;
    }
    await travel(
      { folder: dirname(this.state.path), path: ENVIRONMENT["PATH"] ?? "", way: OPEN_WAY },
      request,
      response,
    );
    if (isPush) this.state.followBranches();
  }
}

async function askedOf(request: IncomingMessage, by: Account): Promise<Request> {
  const { url = "/", method = "GET" } = request;
  const raw = await text(request);
  const body: unknown = raw === "" ? undefined : JSON.parse(raw);
  const { pathname: path } = new URL(url, "http://api.invalid");
  return { method, path, url, body: isObject(body) ? body : undefined, by };
}

function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

const NOBODY: Account = { login: "nobody", type: "User", permission: "none" };

/** The token is the name; git sends it as the user of basic authentication. */
function accountOf({ headers }: IncomingMessage): Account {
  const [kind = "", value = ""] = (headers.authorization ?? "").split(" ");
  const name =
    kind === "Basic" ? (Buffer.from(value, "base64").toString("utf8").split(":")[0] ?? "") : value;
  return isWho(name) ? ACCOUNTS[name] : NOBODY;
}

function isWho(name: string): name is Who {
  return name in ACCOUNTS;
}
