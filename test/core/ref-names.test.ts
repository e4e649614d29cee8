import { expect, test } from "vitest";
import {
  branchName,
  branchRef,
  gateRef,
  payloadRef,
  pendingRef,
  publishedRef,
  STATE,
} from "#runner/core/ref-names.ts";

test("a branch and its ref name each other", () => {
  expect(branchName(gateRef("mail-ab"))).toBe("fettle/gate/mail-ab");
  expect(branchRef("fettle/state")).toBe(STATE);
  expect(() => branchName("refs/tags/v1")).toThrow("is not a branch");
});

test.each([
  () => payloadRef("2026-13"),
  () => gateRef("a..b"),
  () => gateRef("-f"),
  () => gateRef("Run"),
  () => gateRef("x.lock"),
  () => pendingRef("a/b", STATE),
  () => pendingRef("laptop", "refs/tags/v1"),
])("a name that could mean something else to git is refused: %s", (name) => {
  expect(name).toThrow(/is not a/);
});

test("a pending ref and its branch name each other", () => {
  const pending = pendingRef("laptop", STATE);

  expect(publishedRef("laptop", pending)).toBe(STATE);
  expect(publishedRef("other", pending)).toBeUndefined();
});
