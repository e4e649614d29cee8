/** `notify` and `heartbeat`: the secrets that they name are there. */
import { type Found, nameHint, pointer } from "./check-finding.ts";
import { whyNotAsked } from "#runner/core/asked-port.ts";
import type { Workspace } from "#runner/schema/types.gen.ts";

export function checkNotify({
  notify = [],
  heartbeat = "",
  secrets = {},
}: Workspace): readonly Found[] {
  const known = Object.keys(secrets);
  const wanted = notify.flatMap(({ to, smtp }, index): readonly Wanted[] => {
    const at = pointer("notify", index, "to");
    if (to.startsWith("mailto:")) {
      const named = smtp === undefined ? at : pointer("notify", index, "smtp");
      return [{ name: smtp ?? "SMTP_URL", at: named }];
    }
    return secretIn(to, at);
  });
  const places = [
    ...notify.map(({ to }, index) => ({ place: to, at: pointer("notify", index, "to") })),
    { place: heartbeat, at: "/heartbeat" },
  ];
  const missing = [...wanted, ...secretIn(heartbeat, "/heartbeat")].flatMap(({ name, at }) => {
    if (known.includes(name)) return [];
    const message = `there is no secret ${name}`;
    const hint = nameHint(name, known) || `add secrets: { ${name}: { env: ${name} } }`;
    return [{ code: "ref/secret", pointer: at, message, hint }];
  });
  return [...missing, ...places.flatMap(unaskable)];
}

function unaskable({
  place,
  at,
}: {
  readonly place: string;
  readonly at: string;
}): readonly Found[] {
  const message = whyNotAsked(place.replace(/^(?:slack|webhook):/u, ""));
  return message === null ? [] : [{ code: "notify/port", pointer: at, message }];
}

interface Wanted {
  readonly name: string;
  readonly at: string;
}

function secretIn(place: string, at: string): readonly Wanted[] {
  const name = /(?:^|:)\$(.+)$/u.exec(place)?.[1];
  return name === undefined ? [] : [{ name, at }];
}
