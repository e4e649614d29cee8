/** `fettle command`: does what operators have asked for under pull requests, and nothing else. */
import { readFileSync } from "node:fs";
import { forgeEvent } from "#runner/core/forge/forge-event.ts";
import { hearForge } from "#runner/loop/tick-start.ts";
import { writing } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

/** The event only wakes: who said what is asked of the forge, where nobody can have changed it. */
export async function commandVerb(
  context: VerbContext,
  { event: path }: { readonly event: string },
): Promise<Answer> {
  const read = eventAt(path);
  if (read === undefined) {
    return refused("usage", `${path} is no event of GitHub`, 'fettle command "$GITHUB_EVENT_PATH"');
  }
  const event = forgeEvent(read.value);
  if (event.kind === "broken") {
    const hint =
      'fettle command "$GITHUB_EVENT_PATH"   in a workflow that a comment or a review starts';
    return refused("usage", `${path} is no event of GitHub: ${event.why}`, hint);
  }
  if (event.kind === "none")
    return { exit: "ok", text: `nothing to do: ${event.why}\n`, json: event };
  return writing(
    context,
    () => undefined,
    async (engine) => answerOf(await hearForge(engine, context.signal)),
  );
}

function answerOf(heard: Awaited<ReturnType<typeof hearForge>>): Answer {
  switch (heard.kind) {
    case "not-now":
      return refused(
        "temporary",
        heard.why,
        "fettle command   again, or fettle reconcile: it looks, too",
      );
    case "none":
      return { exit: "ok", text: "nothing to do: no gate is open on the forge\n", json: heard };
    case "heard": {
      const lines = [
        ...heard.spoken.map(
          ({ command, by, verdict }) => `${command.kind} by ${by ?? "a stranger"}: ${verdict}\n`,
        ),
        ...heard.reviews.map(
          ({ state, by, isCurrent }) =>
            `review by ${by}: ${state}${isCurrent ? "" : ", of what does not stand there any more"}\n`,
        ),
      ];
      const text = lines.length === 0 ? "nobody has asked for anything\n" : lines.join("");
      return { exit: "ok", text: `${text}  fettle reconcile   goes on from here\n`, json: heard };
    }
  }
}

function eventAt(path: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(readFileSync(path, "utf8")) };
  } catch {
    return undefined;
  }
}
