/** Bundles the program into dist/: a small start, and chunks that load when they are needed. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const folder = import.meta.dirname;
const dist = join(folder, "dist");

/** Compiled code is kept between starts; packages that are CommonJS find `require`. */
const ENTRY = `import { enableCompileCache } from "node:module";
enableCompileCache();
await import("./start.mjs");
`;
const REQUIRE = `import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);`;

rmSync(dist, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: folder,
  entryPoints: ["runner/start.ts"],
  outdir: dist,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "linked",
  banner: { js: REQUIRE },
  metafile: true,
  logLevel: "warning",
});
writeFileSync(join(dist, "cli.mjs"), ENTRY);
writeFileSync(join(dist, "meta.json"), JSON.stringify(metafile));
