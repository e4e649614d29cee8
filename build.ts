/** Bundles the program into dist/: a start that is one small file, and chunks that load when they are needed. */
import { rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, join } from "node:path";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";
import { sourceDigest } from "./runner/verbs/source-digest.ts";

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
const SLOW_BUILTINS = [
  "node:child_process",
  "node:crypto",
  "node:fs/promises",
  "node:timers/promises",
  "node:v8",
  "node:vm",
  "node:zlib",
];

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

/** What most ticks do not need, though what imports it is there: packages, and validators of each kind of file. */
const USED_SELDOM = /^(?:yaml|@marcbachmann\/cel-js|croner)$|validators\.gen\.js$/;

/** Validators that a tick with one changed project uses; together they load faster. */
const USED_TOGETHER = [
  "inventory",
  "live",
  "liveWorkspace",
  "project",
  "request",
  "runner",
  "stats",
];

/** Files of dist/ that are loaded when a name that they hold is first used, with what they export. */
const onUse = new Map<string, Set<string>>();

const loadedOnUse: Plugin = {
  name: "loaded-on-use",
  setup(builder) {
    builder.onResolve({ filter: USED_SELDOM }, ({ path }) => {
      const isFile = path.endsWith(".gen.js");
      const from = isFile ? join(folder, "runner/schema", basename(path)) : path;
      return { path: from, namespace: "on-use", sideEffects: false };
    });
    builder.onLoad({ filter: /./, namespace: "on-use" }, async ({ path }) => {
      const getters = (await namesOf(path)).map((name) => {
        const file = fileOnUse(path, name);
        const held = onUse.get(file) ?? new Set();
        onUse.set(file, held.add(`export { ${name} } from ${JSON.stringify(path)};`));
        return `get ${name}() { return loadOnUse("./${file}").${name}; }`;
      });
      return { contents: `module.exports = {${getters.join()}};` };
    });
  },
};

function fileOnUse(path: string, name: string): string {
  if (!path.endsWith(".gen.js")) return `${basename(path)}.cjs`;
  return USED_TOGETHER.includes(name) ? "valid.cjs" : `valid-${name}.cjs`;
}

/** Defined in every file that may load others on use. */
const LOAD_ON_USE =
  'const loadOnUse = process.getBuiltinModule("node:module").createRequire(import.meta.url);';

function buildOnUse(file: string, held: ReadonlySet<string>): Promise<Built> {
  return build({
    ...SHARED,
    stdin: { contents: [...held].join("\n"), resolveDir: folder },
    outfile: join(dist, file),
    format: "cjs",
    plugins: [builtinsAsObjects],
    // Else the patterns of all validators would stand in the file of each.
    pure: ["RegExp"],
  });
}

interface Built {
  readonly metafile: Metafile;
}

/** What a tick imports late, by the name of the file that it has of its own in dist/. The command line uses these files too. */
const late = new Map<string, string>();

const lateElsewhere: Plugin = {
  name: "late-elsewhere",
  setup(builder) {
    builder.onResolve({ filter: /./ }, async ({ path, kind, pluginData, ...where }) => {
      if (kind !== "dynamic-import" || pluginData === "resolved") return undefined;
      const { importer, resolveDir, namespace } = where;
      const options = { importer, resolveDir, namespace, kind, pluginData: "resolved" };
      const found = await builder.resolve(path, options);
      if (found.external) return found;
      const name = basename(path, ".ts");
      if ((late.get(name) ?? found.path) !== found.path) throw new Error(`Two files are ${name}`);
      late.set(name, found.path);
      return { path: `./${name}.mjs`, external: true };
    });
  },
};

/** What the start loads for everything else is bundled on its own. */
const restElsewhere: Plugin = {
  name: "rest-elsewhere",
  setup(builder) {
    builder.onResolve({ filter: /^\.\/cli\.ts$/ }, () => {
      return { path: "./main.mjs", external: true };
    });
  },
};

const SHARED = {
  absWorkingDir: folder,
  bundle: true,
  platform: "node",
  target: "node24",
  minifyWhitespace: true,
  minifySyntax: true,
  minifyIdentifiers: true,
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
  // Native code, or there for development only: loaded from node_modules where they are installed.
  external: ["@lancedb/lancedb", "apache-arrow", "minisearch"],
} satisfies BuildOptions;

const AS_MODULES = {
  ...SHARED,
  outdir: dist,
  outExtension: { ".js": ".mjs" },
  format: "esm",
} satisfies BuildOptions;

// Taken first: what changes meanwhile makes the bundle old.
const sources = sourceDigest(folder);
rmSync(dist, { recursive: true, force: true });
const start = await build({
  ...AS_MODULES,
  entryPoints: { cli: "runner/start.ts" },
  plugins: [restElsewhere, unusedLeftOut, builtinsAsObjects],
});
const tick = await build({
  ...SHARED,
  entryPoints: ["runner/tick.ts"],
  outfile: join(dist, "tick.cjs"),
  format: "cjs",
  define: { "import.meta.dirname": "__dirname" },
  supported: { "dynamic-import": false },
  banner: { js: "const loadOnUse=require;" },
  plugins: [lateElsewhere, unusedLeftOut, loadedOnUse, builtinsAsObjects],
});
const main = await build({
  ...AS_MODULES,
  entryPoints: { main: "runner/cli.ts", ...Object.fromEntries(late) },
  splitting: true,
  banner: { js: LOAD_ON_USE },
  plugins: [loadedOnUse, builtinsAsObjects],
});
const seldom = await Promise.all([...onUse].map(([file, held]) => buildOnUse(file, held)));
const files = [start, main, tick, ...seldom];
const outputs = Object.assign({}, ...files.map(({ metafile }) => metafile.outputs));
writeFileSync(join(dist, "meta.json"), JSON.stringify({ outputs, sources }));
