/** Bundles the mailer and nodemailer into main.gen.mjs: an agent runs where no packages are installed. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const target = join(import.meta.dirname, "main.gen.mjs");

const { outputFiles } = await build({
  entryPoints: [join(import.meta.dirname, "main.mjs")],
  absWorkingDir: import.meta.dirname,
  bundle: true,
  minify: true,
  platform: "node",
  target: "node24",
  format: "esm",
  legalComments: "none",
  write: false,
});
const bundled = outputFiles.map(({ text }) => text).join("");

if (!process.argv.includes("--check")) {
  await writeFile(target, bundled);
} else if ((await readFile(target, "utf8").catch(() => "")) !== bundled) {
  process.stderr.write("agents/mailer/main.gen.mjs is not up to date: run npm run generate\n");
  process.exitCode = 1;
}
