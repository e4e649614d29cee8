// Says on standard error which files of dist/ are loaded.
import { writeSync } from "node:fs";
import { registerHooks } from "node:module";

registerHooks({
  load(url, context, next) {
    if (url.includes("/dist/")) writeSync(2, `loaded ${url}\n`);
    return next(url, context);
  },
});
