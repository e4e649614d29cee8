#!/usr/bin/env node
/** The program as a process: what was typed is answered, once. */
import { carryOutWords } from "./command-line/program.ts";
import { openSession } from "./session.ts";

const session = openSession(async () => (await import("./sitting.ts")).sitDown);
await carryOutWords(session, process.argv.slice(2));
