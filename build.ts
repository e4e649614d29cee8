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
const SLOW_BUILTINS = ["node:child_process", "node:fs/promises", "node:v8"];

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
      return { contents: builtinModule(path, await namesOf(path)) };
    });
  },
};

/** What a module exports by name. */
async function namesOf(path: string): Promise<readonly string[]> {
  return Object.keys(await import(path)).filter((name) =>
    /^(?!default$)[A-Za-z_$][\w$]*$/.test(name),
  );
}

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

/** Packages that most ticks do not need, though what imports them is there: they are loaded when they are first used. */
const USED_SELDOM = ["yaml", "@marcbachmann/cel-js", "croner"];

const loadedOnUse: Plugin = {
  name: "loaded-on-use",
  setup(builder) {
    const filter = new RegExp(`^(?:${USED_SELDOM.join("|")})$`);
    // What the getters themselves ask for is the package.
    builder.onResolve({ filter, namespace: "file" }, ({ path }) => {
      return { path, namespace: "on-use", sideEffects: false };
    });
    builder.onLoad({ filter: /./, namespace: "on-use" }, async ({ path }) => {
      const names = await namesOf(path);
      const getters = names.map((name) => `get ${name}() { return require("${path}").${name}; }`);
      return { contents: `module.exports = {${getters.join()}};`, resolveDir: folder };
    });
  },
};

/** What the start loads for everything else is bundled on its own. */
const restElsewhere: Plugin = {
  name: "rest-elsewhere",
  setup(builder) {
    builder.onResolve({ filter: /^\.\/(?:cli|tick)\.ts$/ }, ({ path }) => {
      return { path: path === "./cli.ts" ? "./main.mjs" : "./tick.mjs", external: true };
    });
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
  entryPoints: { main: "runner/cli.ts", tick: "runner/tick.ts" },
  splitting: true,
  plugins: [loadedOnUse, builtinsAsObjects],
});
const outputs = { ...start.metafile.outputs, ...main.metafile.outputs };
writeFileSync(join(dist, "meta.json"), JSON.stringify({ outputs }));
