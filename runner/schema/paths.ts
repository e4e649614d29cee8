/** Which path of a workspace holds what. */

export type ManifestKind = "workspace" | "project" | "pipeline" | "agent" | "contract" | "memory";

/** `project` is set for what stands in a project, `agent` for its contract cases. */
export interface ManifestPath {
  readonly kind: ManifestKind;
  /** Name that the path gives: of the project, pipeline, agent or case; a memory record has its file's name. */
  readonly name: string;
  readonly owner: string | null;
}

/** A path that was probably meant to be a manifest. */
export interface MisplacedPath {
  readonly kind: "misplaced";
  readonly message: string;
  readonly hint: string;
}

const PLACES: readonly (readonly [ManifestKind, RegExp])[] = [
  ["workspace", /^(?<name>fettle)\.yaml$/],
  ["project", /^projects\/(?<name>[^/]+)\/project\.yaml$/],
  ["pipeline", /^projects\/(?<owner>[^/]+)\/pipelines\/(?<name>[^/]+)\.yaml$/],
  ["agent", /^agents\/(?<name>[^/]+)\/agent\.yaml$/],
  ["contract", /^agents\/(?<owner>[^/]+)\/contract\/(?<name>[^/]+)\.yaml$/],
  ["memory", /^memory\/(?<owner>[^/]+)\/(?!decisions\/)(?:.+\/)?(?<name>[^/]+)\.md$/],
];
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const OTHER_ENDING =
  /^(fettle|projects\/[^/]+\/project|projects\/[^/]+\/pipelines\/[^/]+|agents\/[^/]+\/agent|agents\/[^/]+\/contract\/[^/]+)\.(yml|json)$/;

/** Whether a folder or file may give its name to what it holds; same pattern as `name` in schemas/common.schema.json. */
export function isName(text: string): boolean {
  return DNS_LABEL.test(text);
}

/** What stands at a path; undefined for all files that are not the program's business. */
export function manifestAt(path: string): ManifestPath | MisplacedPath | undefined {
  for (const [kind, pattern] of PLACES) {
    const groups = pattern.exec(path)?.groups;
    const name = groups?.["name"];
    if (name !== undefined) return named({ kind, name, owner: groups?.["owner"] ?? null });
  }
  const other = OTHER_ENDING.exec(path);
  if (other === null) return undefined;
  const message = `a manifest ends in .yaml, not .${other[2] ?? ""}`;
  return { kind: "misplaced", message, hint: `rename it to ${other[1] ?? ""}.yaml` };
}

function named(place: ManifestPath): ManifestPath | MisplacedPath {
  const isFree = place.kind === "memory";
  const bad = [place.owner, isFree ? null : place.name].find(
    (name) => name !== null && !isName(name),
  );
  if (bad === undefined || bad === null) return place;
  const message = `${bad} cannot be a name`;
  const hint = "a name is lower-case letters, digits and hyphens, such as chase-invoices";
  return { kind: "misplaced", message, hint };
}
