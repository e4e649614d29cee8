/** Whatever clients and providers do at once: no more is let through than was granted, and no less is booked than was used. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { inputTokens, outputTokens } from "#runner/core/money/token-usage.ts";
import { fails, says, USAGE, type Scene } from "../support/provider/scene.ts";
import { FORMATS, openShop, type Format, type Post } from "./client.ts";

/** No answer is limited below it: the provider uses what its scene says. */
const FLOOR = 100;

interface Move {
  readonly scene: Scene;
  readonly isStream: boolean;
  readonly limit: number;
  readonly words: number;
  /** The client goes away after so many milliseconds. */
  readonly leavesAfter: number | null;
}

const usage = fc.record({
  inFresh: fc.integer({ min: 1, max: 300 }),
  outText: fc.integer({ min: 0, max: FLOOR }),
});
const scene: fc.Arbitrary<Scene> = fc.oneof(
  { weight: 5, arbitrary: usage.map((some) => says("hello", { usage: { ...USAGE, ...some } })) },
  { weight: 1, arbitrary: fc.constant(says("uncounted", { usage: null })) },
  { weight: 1, arbitrary: fc.constant(fails(500)) },
  { weight: 1, arbitrary: fc.constant<Scene>({ kind: "crash", after: "nothing" }) },
  { weight: 2, arbitrary: fc.constant<Scene>({ kind: "crash", after: "start", usage: USAGE }) },
);
const move: fc.Arbitrary<Move> = fc.record({
  scene,
  isStream: fc.boolean(),
  limit: fc.integer({ min: 200, max: 2000 }),
  words: fc.integer({ min: 1, max: 200 }),
  leavesAfter: fc.option(fc.integer({ min: 0, max: 20 }), { freq: 4 }),
});

function bodyOf(format: Format, { isStream, limit, words }: Move, index: number): unknown {
  const body = format.body(`${index} ${"word ".repeat(words)}`, limit);
  return isStream ? format.streamed(body) : body;
}

function postOf(format: Format, { isStream, leavesAfter }: Move): Post {
  const path = isStream ? format.streamPath : undefined;
  return {
    ...(path === undefined ? {} : { path }),
    ...(leavesAfter === null ? {} : { signal: AbortSignal.timeout(leavesAfter) }),
  };
}

/** As the provider counts it: what it has told of a request, whoever heard it. */
function costOf(played: Scene): number {
  const used = played.kind === "answer" || played.kind === "crash" ? (played.usage ?? null) : null;
  return used === null ? 0 : inputTokens(used) + 10 * outputTokens(used);
}

test.each(FORMATS)(
  "$name: what is held and spent stays within the grant, and all comes to an end",
  async (format) => {
    const lives = fc.record({
      micros: fc.integer({ min: 5_000, max: 60_000 }),
      moves: fc.array(move, { minLength: 5, maxLength: 25 }),
    });
    await fc.assert(
      fc.asyncProperty(lives, async ({ micros, moves }) => {
        const seen: number[] = [];
        const hold = (amount: { readonly micros: number }): void => void seen.push(amount.micros);
        const shop = await openShop(format, {
          grant: { micros },
          floorTokens: FLOOR,
          account: { hold },
        });
        shop.provider.play(...moves.map((one) => one.scene));

        await Promise.allSettled(
          moves.map((one, index) => shop.post(bodyOf(format, one, index), postOf(format, one))),
        );
        const { micros: spent, held, calls } = await shop.account.close();

        expect(Math.max(0, ...seen)).toBeLessThanOrEqual(micros);
        expect(held).toEqual({ micros: 0, tokens: 0 });
        const asked = shop.provider.asked.length;
        expect(calls.length).toBeGreaterThanOrEqual(asked);
        const counted = moves.slice(0, asked).reduce((sum, one) => sum + costOf(one.scene), 0);
        expect(spent).toBeGreaterThanOrEqual(counted);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  },
);
