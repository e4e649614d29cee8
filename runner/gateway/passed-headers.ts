/** Headers that go through the gateway; all others, keys and cookies among them, do not. */
import type { IncomingHttpHeaders } from "node:http";

const TO_PROVIDER = /^(?:accept|user-agent|anthropic-(?:version|beta)|x-goog-api-client)$/u;
const TO_CLIENT =
  /^(?:content-type|retry-after(?:-ms)?|x-should-retry|(?:x-)?request-id|(?:anthropic|x)-ratelimit-.*|openai-(?:model|version|processing-ms))$/u;

type Headers = Readonly<Record<string, string>>;

export function headersToProvider(headers: IncomingHttpHeaders): Headers {
  return chosen(headers, TO_PROVIDER);
}

export function headersToClient(headers: IncomingHttpHeaders): Headers {
  return chosen(headers, TO_CLIENT);
}

function chosen(headers: IncomingHttpHeaders, names: RegExp): Headers {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      names.test(name) && typeof value === "string" ? [[name, value]] : [],
    ),
  );
}
