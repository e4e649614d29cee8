/** `memory.namespaces` of agents: whose memory is read must have been somebody's. */
import { type Finding, nameHint, placed, pointer } from "./check-finding.ts";
import type { Agent } from "#runner/schema/types.gen.ts";

interface Places {
  readonly agents: ReadonlyMap<string, Agent>;
  /** Projects, and what else has memory. */
  readonly namespaces: ReadonlySet<string>;
}

const EVERY = "*";

/** A project that is gone and has left memory counts; nothing stalls, because nothing more is told than before. */
export function checkNamespaces({ agents, namespaces }: Places): readonly Finding[] {
  return [...agents].flatMap(([name, { memory }]) => {
    const found = (memory?.namespaces ?? []).flatMap((namespace, index) =>
      namespace === EVERY || namespaces.has(namespace)
        ? []
        : [
            {
              code: "ref/namespace",
              pointer: pointer("memory", "namespaces", index),
              message: `no project is called ${namespace}, and none has left memory`,
              hint: nameHint(namespace, namespaces),
            },
          ],
    );
    return placed(found, `agents/${name}/agent.yaml`, []);
  });
}
