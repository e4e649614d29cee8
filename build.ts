/** Bundles the program into dist/: a start that is one small file, and chunks that load when they are needed. */
import { rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";

const folder = import.meta.dirname;
const dist = join(folder, "dist");

/** Modules of the runner do nothing when they are loaded: what is imported and not used is left out. */
const unusedLeftOut: Plugin = {
  name: "unused-left-out",
  setup(builder) {
    builder.onResolve({ filter: /^(#runner\/|\.)/ }, async ({ path, pluginData, ...where }) => {
      if (pluginData === "resolved") return undefined;
      const { importer, resolveDir, kind, namespace } = where;
      const options = { importer, resolveDir, kind, namespace, pluginData: "resolved" };
      const found = await builder.resolve(path, options);
      const isOurs = found.path.startsWith(join(folder, "runner"));
      return isOurs && kind === "import-statement" ? { ...found, sideEffects: false } : found;
    });
  },
};

/** Built-in modules that take long to load; the start uses them seldom. */
const SLOW_BUILTINS = ["node:child_process", "node:fs/promises"];

/**
 * An `import` of a built-in module touches every name that it exports, which takes longer than all that the start does.
 * Here only the names that are used are touched, and those of the slow ones when they are called.
 */
const builtinsAsObjects: Plugin = {
  name: "builtins-as-objects",
  setup(builder) {
    builder.onResolve({ filter: /./ }, ({ path, kind }) => {
      const namespace = kind === "require-call" ? "required" : "builtin";
      return isBuiltin(path) ? { path, namespace, sideEffects: false } : undefined;
    });
    builder.onLoad({ filter: /./, namespace: "required" }, ({ path }) => {
      return { contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});` };
    });
    builder.onLoad({ filter: /./, namespace: "builtin" }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== "default");
      return { contents: builtinModule(path, names) };
    });
  },
};

function builtinModule(path: string, names: readonly string[]): string {
  const got = `process.getBuiltinModule(${JSON.stringify(path)})`;
  if (SLOW_BUILTINS.includes(path)) {
    return `module.exports = {${names.map((name) => `get ${name}() { return ${got}.${name}; }`).join()}};`;
  }
  const picked = names.map(
    (name) =>
      `const $${name} = /* @__PURE__ */ (() => ${got}.${name})();\nexport { $${name} as ${name} };\n`,
  );
  return `${picked.join("")}export default /* @__PURE__ */ (() => ${got})();\n`;
}

/** What the start loads for everything else is bundled on its own. */
const restElsewhere: Plugin = {
  name: "rest-elsewhere",
  setup(builder) {
    builder.onResolve({ filter: /^\.\/cli\.ts$/ }, () => ({ path: "./main.mjs", external: true }));
  },
};

const SHARED = {
  absWorkingDir: folder,
  outdir: dist,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
} satisfies BuildOptions;

rmSync(dist, { recursive: true, force: true });
const start = await build({
  ...SHARED,
  entryPoints: { cli: "runner/start.ts" },
  plugins: [restElsewhere, unusedLeftOut, builtinsAsObjects],
});
const main = await build({
  ...SHARED,
  entryPoints: { main: "runner/cli.ts" },
  splitting: true,
  plugins: [builtinsAsObjects],
});
const outputs = { ...start.metafile.outputs, ...main.metafile.outputs };
writeFileSync(join(dist, "meta.json"), JSON.stringify({ outputs }));
