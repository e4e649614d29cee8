/** `fettle actions comment`: the report of a check, as the one comment of its pull request. */
import { resolve } from "node:path";
import { forgePlace } from "#runner/core/forge/forge-place.ts";
import { checkText } from "#runner/report/check-text.ts";
import { readCheckReport } from "./check-report.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface CommentOptions {
  readonly report: string;
  readonly pull: number;
  readonly commit: string;
}

/** Knows no repository: what was proposed is not there where something may be written. */
export async function actionsCommentVerb(
  context: VerbContext,
  { report, pull, commit }: CommentOptions,
): Promise<Answer> {
  const read = readCheckReport(resolve(context.start, report));
  if (read === null) {
    const hint = "fettle actions check --out <file>   makes one";
    return refused("usage", `${report} is no report of a check`, hint);
  }
  if (!/^[0-9a-f]{40,64}$/u.test(commit)) {
    return refused("usage", `${commit} is no commit`, "name it with all its digits");
  }
  const { GITHUB_REPOSITORY: repository = "", GITHUB_API_URL: api = null } = context.environment;
  const place = repository === "" ? null : forgePlace({ repository }, "", api);
  const forge = place === null ? null : context.openForge(place);
  if (forge === null) {
    const hint = "GITHUB_REPOSITORY and FETTLE_FORGE_TOKEN say where it is, and who writes there";
    return refused("usage", "there is no pull request to write to", hint);
  }
  const note = { key: "check", text: checkText(read, commit) };
  const told = await forge.note(pull, note, context.signal);
  if (told.ok) {
    return {
      exit: "ok",
      text: `the comment is ${SAID[told.value]}\n`,
      json: { comment: told.value },
    };
  }
  const { reason, detail } = told;
  if (reason !== "refused") {
    return refused("temporary", `the comment is not written: ${detail}`, "run this job again");
  }
  // As for a pull request of Dependabot, whose jobs may not write.
  const text = `the comment may not be written here (${detail}): the summary of the check says the same\n`;
  return { exit: "ok", text, json: { comment: "refused", detail } };
}

const SAID = { made: "written", changed: "up to date again", same: "up to date" } as const;
