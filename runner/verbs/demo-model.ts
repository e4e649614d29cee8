/** A server of models on this machine that writes the reminders of the example studio. */

const VARIABLE = "FETTLE_DEMO_MODEL";
const LONGEST_MS = 5000;

export interface DemoModel {
  readonly baseUrl: string;
  /** As the server calls it. */
  readonly model: string;
}

export type DemoModelFound =
  | { readonly ok: true; readonly demo: DemoModel | null }
  | { readonly ok: false; readonly problem: string; readonly hint: string };

/** null where none is asked for. The first model that the server lists is taken. */
export async function findDemoModel(
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<DemoModelFound> {
  const baseUrl = environment[VARIABLE]?.replace(/\/+$/u, "");
  if (baseUrl === undefined || baseUrl === "") return { ok: true, demo: null };
  const hint = `give the address of a server that speaks OpenAI's chat: ${VARIABLE}=http://127.0.0.1:11434/v1`;
  if (!isLoopback(baseUrl)) {
    const problem = `${VARIABLE}=${baseUrl} is not on this machine`;
    return { ok: false, problem, hint };
  }
  try {
    const response = await fetch(`${baseUrl}/models`, {
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
    });
    const model = firstModel(await response.json());
    if (model !== undefined) return { ok: true, demo: { baseUrl, model } };
    return { ok: false, problem: `${baseUrl}/models lists no model`, hint };
  } catch {
    return { ok: false, problem: `nothing that lists models answers at ${baseUrl}/models`, hint };
  }
}

function isLoopback(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? { protocol: "", hostname: "" };
  return protocol === "http:" && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/u.test(hostname);
}

function firstModel(listed: unknown): string | undefined {
  if (typeof listed !== "object" || listed === null || !("data" in listed)) return undefined;
  const models: readonly unknown[] = Array.isArray(listed.data) ? listed.data : [];
  return models.flatMap((model) =>
    typeof model === "object" && model !== null && "id" in model && typeof model.id === "string"
      ? [model.id]
      : [],
  )[0];
}

/** The studio's fettle.yaml with the model in place of its first. */
export function withDemoModel(settings: string, { baseUrl, model }: DemoModel): string {
  const own = [
    "  # Serves this example. It costs nothing; the price is that of a large model, so that there is something to count.",
    "  default:",
    "    provider: openai-compatible",
    `    baseUrl: ${JSON.stringify(baseUrl)}`,
    `    model: ${JSON.stringify(model)}`,
    "    price: { input: 3, output: 15 }",
  ].join("\n");
  const changed = settings.replace(/^ {2}default: \{.*\}$/mu, () => own);
  if (changed === settings) throw new Error("the studio has no model to put another in place of");
  return changed;
}
