import { chmodSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KeptCode, type Loaded } from "#runner/kept-code.ts";
import { makeFolder } from "../support/git-repo.ts";

interface Shop {
  readonly price: (of: string) => string;
  readonly place: string;
}

const SOURCE = `exports.price = (of) => of + " costs " + cents();
function cents() { return "7"; }
exports.place = __dirname;
`;

interface Kept<Exports> extends Loaded<Exports> {
  readonly code: KeptCode;
}

function loadKept<Exports>(file: string, folder: string | undefined): Kept<Exports> {
  const code = new KeptCode(folder);
  return { ...code.load<Exports>(file), code };
}

function makeShop(): { file: string; folder: string; load: () => Kept<Shop> } {
  const place = makeFolder();
  const file = join(place, "shop.cjs");
  const folder = join(place, "cache", "code");
  writeFileSync(file, SOURCE);
  return { file, folder, load: () => loadKept<Shop>(file, folder) };
}

test("What was called is kept, and the next start uses it.", () => {
  const { file, folder, load } = makeShop();

  const first = load();
  const answer = first.exports.price("tea");
  first.code.keep();
  const second = load();

  expect([first.code.isCold, second.code.isCold]).toEqual([true, false]);
  expect([answer, second.exports.price("tea")]).toEqual(["tea costs 7", "tea costs 7"]);
  expect(second.exports.place).toBe(join(file, ".."));
  expect(readdirSync(folder)).toHaveLength(1);
});

test("Code that the disk has damaged is compiled anew.", () => {
  const { folder, load } = makeShop();
  load().code.keep();
  const [name = ""] = readdirSync(folder);
  const bytes = readFileSync(join(folder, name));
  const damages = [bytes.subarray(0, 100), Buffer.alloc(0), Buffer.from(bytes).fill(7, 200)];

  const loaded = damages.map((damaged) => {
    writeFileSync(join(folder, name), damaged);
    return load();
  });

  expect(loaded.map(({ code }) => code.isCold)).toEqual([true, true, true]);
  expect(loaded.map(({ exports }) => exports.price("tea"))).toEqual(Array(3).fill("tea costs 7"));
});

test("A file that was built again is not run from the code of the one before, though it is as long.", () => {
  const { file, load } = makeShop();
  const first = load();
  first.exports.price("tea");
  first.code.keep();

  writeFileSync(file, SOURCE.replace("7", "8"));
  utimesSync(file, 1_000_000, 1_000_000);
  const built = load();

  expect([built.code.isCold, built.exports.price("tea")]).toEqual([true, "tea costs 8"]);
});

test("It is written again only when clearly more was called.", () => {
  const place = makeFolder();
  const file = join(place, "much.cjs");
  const many = Array.from({ length: 50 }, (_, at) => `function f${at}(x) { return x + ${at}; }`);
  const calls = many.map((_, at) => `f${at}(1)`).join("+");
  writeFileSync(
    file,
    `${many.join("\n")}\nexports.few = () => f0(1);\nexports.all = () => ${calls};`,
  );
  const load = () => loadKept<{ few: () => number; all: () => number }>(file, join(place, "code"));
  const size = (): number =>
    readFileSync(join(place, "code", readdirSync(join(place, "code"))[0] ?? "")).length;
  const keep = (call: "few" | "all"): number => {
    const { exports, code } = load();
    exports[call]();
    code.keep();
    return size();
  };

  const [few, fewAgain, all, fewAtLast] = [keep("few"), keep("few"), keep("all"), keep("few")];

  expect([fewAgain, fewAtLast]).toEqual([few, all]);
  expect(all).toBeGreaterThan(few * 2);
});

test("Where nothing can be kept, it runs all the same.", () => {
  const { file } = makeShop();
  const taken = join(makeFolder(), "taken");
  writeFileSync(taken, "");
  chmodSync(taken, 0o400);

  const loaded = [loadKept<Shop>(file, join(taken, "code")), loadKept<Shop>(file, undefined)];
  for (const { code } of loaded) code.keep();

  expect(loaded.map(({ exports }) => exports.price("tea"))).toEqual(["tea costs 7", "tea costs 7"]);
});

test("Where the repository is gone, moved or removed, nothing is kept, and nothing stands there again.", () => {
  const { file } = makeShop();
  const home = makeFolder();
  const { code } = loadKept<Shop>(file, join(home, "company/.git/fettle/cache/code"));

  code.keep();

  expect(readdirSync(home)).toEqual([]);
});

test("A file that it requires is kept as well, loaded once, and any other module is Node's.", () => {
  const place = makeFolder();
  const write = (name: string, text: string): void => writeFileSync(join(place, name), text);
  write(
    "main.cjs",
    `exports.words = () => [require("./part.cjs"), require("./part.cjs"), require("node:path").sep];`,
  );
  write("part.cjs", `module.exports = { part: 1 };`);
  const load = () =>
    loadKept<{ words: () => unknown[] }>(join(place, "main.cjs"), join(place, "code"));

  const first = load();
  const [one, other, sep] = first.exports.words();
  first.code.keep();
  const second = load();
  second.exports.words();

  expect([one, sep]).toEqual([{ part: 1 }, "/"]);
  expect(one).toBe(other);
  expect([first.code.isCold, second.code.isCold]).toEqual([true, false]);
  expect(readdirSync(join(place, "code")).map((name) => name.split("-")[0])).toEqual([
    "main",
    "part",
  ]);
});
