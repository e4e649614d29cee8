/** A workspace as somebody proposes it, by the rules that are in force: who decides, within which limits, is not for a proposal to say. */
import type { Workspace } from "./model.ts";

export function withRulesOf<Of extends Pick<Workspace, "settings">>(
  proposal: Of,
  { settings: base }: Pick<Workspace, "settings">,
): Of {
  const { policy: _, budget: __, attention: ___, ...own } = proposal.settings;
  const { policy, budget, attention, operators } = base;
  return {
    ...proposal,
    settings: {
      ...own,
      operators,
      ...(policy === undefined ? {} : { policy }),
      ...(budget === undefined ? {} : { budget }),
      ...(attention === undefined ? {} : { attention }),
    },
  };
}
