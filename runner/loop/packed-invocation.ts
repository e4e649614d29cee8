/** An invocation as a file for another machine: contents by digest, secrets by the name of their environment variable. */
import { digestOfBytes } from "#runner/core/canonical-json.ts";
import { laneSecrets } from "#runner/core/lane/lane-secrets.ts";
import type { Invocation } from "#runner/runtimes/invocation.ts";
import type { SecretSource, Workspace } from "#runner/schema/types.gen.ts";

export interface PackedInvocation extends Omit<Invocation, "files" | "secrets" | "checkpoints"> {
  readonly files: readonly PackedFile[];
  /** Where the secrets come from that the agent declares, and the keys of its models. */
  readonly secretSources: Readonly<Record<string, SecretSource>>;
  readonly checkpoints: Readonly<Record<string, unknown>>;
}

interface PackedFile {
  readonly path: string;
  /** Digest. */
  readonly content: string;
  readonly executable: boolean;
}

export interface Packed {
  readonly invocation: PackedInvocation;
  /** By digest. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

export function pack(invocation: Invocation, settings: Workspace): Packed {
  const { files, secrets: _, checkpoints, ...rest } = invocation;
  const cited = files.map((file) => ({ ...file, digest: digestOfBytes(file.content) }));
  const names = new Set(laneSecrets(invocation.agent, settings));
  return {
    invocation: {
      ...rest,
      files: cited.map(({ path, digest, executable }) => ({ path, content: digest, executable })),
      secretSources: Object.fromEntries(
        Object.entries(settings.secrets ?? {}).filter(([name]) => names.has(name)),
      ),
      checkpoints: Object.fromEntries(checkpoints ?? []),
    },
    blobs: new Map(cited.map(({ digest, content }) => [digest, content])),
  };
}

export interface Unpacking {
  readonly read: (digest: string) => Uint8Array;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function unpack(packed: PackedInvocation, { read, environment }: Unpacking): Invocation {
  const { files, secretSources, checkpoints, ...rest } = packed;
  const secrets = Object.entries(secretSources).flatMap(([name, { env }]) => {
    const value = environment[env];
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  return {
    ...rest,
    files: files.map((file) => ({ ...file, content: read(file.content) })),
    secrets: Object.fromEntries(secrets),
    checkpoints: new Map(Object.entries(checkpoints)),
  };
}
