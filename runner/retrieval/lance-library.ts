/** LanceDB, where its native library can load. */
import type * as Lance from "@lancedb/lancedb";

export type LanceLibrary = typeof Lance;

/** The version that is installed: part of what an index is made with. */
export const LANCEDB = "0.39.0";

export type LanceLoad =
  | { readonly kind: "loaded"; readonly lance: LanceLibrary }
  | { readonly kind: "missing"; readonly why: string };

/** 200 MB of native code: only what searches a large memory, or is asked for an index, comes here. musl has no build that works. */
export async function loadLance(): Promise<LanceLoad> {
  try {
    return { kind: "loaded", lance: await import("@lancedb/lancedb") };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "missing", why: why.split("\n")[0] ?? why };
  }
}
