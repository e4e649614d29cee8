/** A terminal that is closed, or a connection that drops, hangs up on the programs behind it. */
import { fstatSync, statSync } from "node:fs";

/**
 * Whether a hang-up is meant for this process: it reads from a terminal or writes to one.
 *
 * Node hears again what nohup had it ignore, but nohup also takes the terminal away. To be asked before the terminal is gone.
 */
export function hasTerminal(channels: readonly number[] = [0, 1, 2]): boolean {
  const nothing = statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
  return channels
    .map((channel) => fstatSync(channel))
    .some((device) => {
      return device.isCharacterDevice() && device.rdev !== nothing;
    });
}
