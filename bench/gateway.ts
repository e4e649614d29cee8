/** What a request to a model takes longer through the metering gateway than without it. */
import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { once } from "node:events";
import { serveProvider } from "../test/support/provider/provider.ts";
import { openGateway } from "#runner/gateway/gateway.ts";
import { countOfTokens } from "#runner/core/money/token-usage.ts";
import { withinMs, type Row } from "./bar.ts";
import { inTurns } from "./measure.ts";

export async function benchGateway(rounds: number): Promise<readonly Row[]> {
  const provider = await serveProvider();
  const gateway = openGateway({});
  try {
    const account = await gateway.open({
      grant: { micros: 1e9 },
      upstreams: [
        {
          name: "main",
          provider: "anthropic",
          baseUrl: provider.url,
          model: "m",
          key: "key",
          price: countOfTokens,
        },
      ],
      signal: new AbortController().signal,
      deadline: Date.now() + 600_000,
      record: () => undefined,
    });
    const through = `${account.urlFor("main")}/v1/messages`;
    const direct = `${provider.url}/v1/messages`;
    return [
      await row(
        "a request through the gateway, beyond the provider",
        { through, direct, isStream: false },
        rounds,
      ),
      await row(
        "a stream through the gateway, beyond the provider",
        { through, direct, isStream: true },
        rounds,
      ),
    ];
  } finally {
    await gateway.close();
    await provider.close();
  }
}

interface Ways {
  readonly through: string;
  readonly direct: string;
  readonly isStream: boolean;
}

async function row(
  what: string,
  { through, direct, isStream }: Ways,
  rounds: number,
): Promise<Row> {
  const [gatewayMs = [], directMs = []] = await inTurns(
    [() => ask(through, isStream), () => ask(direct, isStream)],
    rounds,
  );
  return withinMs(
    what,
    gatewayMs.map((ms, round) => ms - (directMs[round] ?? 0)),
    3,
  );
}

let asked = 0;

/** Another prompt each time: one and the same would be a loop. */
async function ask(url: string, stream: boolean): Promise<void> {
  asked += 1;
  const content = `${asked} ${"word ".repeat(2000)}`;
  const body = JSON.stringify({
    model: "m",
    max_tokens: 1000,
    messages: [{ role: "user", content }],
    stream,
  });
  const sent = request(url, { method: "POST", headers: { "content-type": "application/json" } });
  sent.end(body);
  const [answer] = await once(sent, "response");
  if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}`);
  await buffer(answer);
}
