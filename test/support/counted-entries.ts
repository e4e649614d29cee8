/** How many entries are put into maps and sets, copies among them: what grows faster than its input shows here. */
import { vi } from "vitest";

export function entriesPutBy(act: () => void): number {
  const spies = [vi.spyOn(Map.prototype, "set"), vi.spyOn(Set.prototype, "add")];
  try {
    act();
    return spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
