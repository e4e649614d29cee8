/** How the program ends: one table, used by every verb and by `fettle help exit-codes`. */

export const exitCodes = {
  ok: { code: 0, meaning: "done" },
  failed: { code: 1, meaning: "something failed: a run, a check, a verification" },
  changes: { code: 2, meaning: "there is something to do (only with --detailed-exitcode)" },
  waiting: { code: 3, meaning: "a person is asked first (only with --detailed-exitcode)" },
  auth: { code: 4, meaning: "a credential is missing or was refused" },
  refused: { code: 5, meaning: "refused by policy, budget or guard" },
  lost: { code: 6, meaning: "another runner was faster, or the plan is stale: try again" },
  usage: { code: 64, meaning: "the command line is wrong" },
  invalid: { code: 65, meaning: "the configuration is invalid" },
  bug: { code: 70, meaning: "a bug in fettle" },
  temporary: { code: 75, meaning: "something outside failed and may work later" },
  interrupted: { code: 130, meaning: "interrupted (Ctrl-C)" },
  terminated: { code: 143, meaning: "terminated" },
} as const satisfies Record<string, { code: number; meaning: string }>;

export type ExitName = keyof typeof exitCodes;
