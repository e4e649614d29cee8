/** What the forge does not do, as holds of a tick. */
import type { Hold } from "#runner/core/action.ts";
import type { Told } from "#runner/forge/port.ts";

/** Nobody here can ask the forge. */
export const UNHELD_HOLD: Hold = {
  project: null,
  subject: "forge",
  reason: "forge-unreachable",
  why: "no token is held here, so nobody can tell whether an operator objects on GitHub: nothing goes on by itself",
  unblock:
    "reconcile with FETTLE_FORGE_TOKEN, or say forge: { kind: git } in fettle.yaml where branches alone count",
  until: null,
};

type Refused = Extract<Told<never>, { ok: false }>;

/** Git's facts alone decide, and the tick says so. */
export function forgeHold({ reason, detail, until }: Refused): Hold {
  const why = `pull requests cannot be asked about, so git alone tells what is decided: ${detail}`;
  const unblock =
    reason === "refused" ? "fettle doctor   says what the token lacks" : "fettle reconcile, later";
  return { project: null, subject: "forge", reason: "forge-unreachable", why, unblock, until };
}

type Shown = "dashboard" | "statuses";

const SHOWN: Readonly<Record<Shown, readonly [what: string, fix: string]>> = {
  dashboard: [
    "the dashboard on GitHub is",
    "give the token Issues: read and write, or say forge: { dashboard: false } in fettle.yaml",
  ],
  statuses: [
    "statuses of gates on GitHub are",
    "give the token Commit statuses: read and write; in GitHub Actions: fettle doctor --repair",
  ],
};

/** Nothing waits for it. */
export function shownHold(shown: Shown, { reason, detail, until }: Refused): Hold {
  const [what, fix] = SHOWN[shown];
  const why = `${what} not up to date: ${detail}`;
  const unblock = reason === "refused" ? fix : "fettle reconcile, later";
  return { project: null, subject: "forge", reason: "forge-unreachable", why, unblock, until };
}
