/** LanceDB, where its native library can load. */
import type * as Lance from "@lancedb/lancedb";
import type * as Arrow from "apache-arrow";

export interface LanceLibrary {
  readonly lancedb: typeof Lance;
  readonly arrow: typeof Arrow;
}

/** The version that is installed: part of what an index is made with. */
export const LANCEDB = "0.39.0";

export type LanceLoad =
  | { readonly kind: "loaded"; readonly lance: LanceLibrary }
  | { readonly kind: "missing"; readonly why: string };

/** 200 MB of native code: only what searches a large memory, or is asked for an index, comes here. musl has no build that works. */
export async function loadLance(): Promise<LanceLoad> {
  try {
    const [lancedb, arrow] = await Promise.all([
      import("@lancedb/lancedb"),
      import("apache-arrow"),
    ]);
    return { kind: "loaded", lance: { lancedb, arrow } };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "missing", why: why.split("\n")[0] ?? why };
  }
}
