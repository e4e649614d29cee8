import { expect, test } from "vitest";
import { forgePlace } from "#runner/core/forge/forge-place.ts";

const COMPANY = { api: "https://api.github.com", owner: "northwind", repo: "company" };

test.each([
  "https://github.com/northwind/company",
  "https://github.com/northwind/company.git",
  "https://x-access-token:secret@github.com/northwind/company.git/",
  "git@github.com:northwind/company.git",
  "ssh://git@github.com/northwind/company",
  "ssh://git@ssh.github.com:443/northwind/company.git",
])("%s has its pull requests on GitHub", (origin) => {
  expect(forgePlace(undefined, origin, null)).toEqual(COMPANY);
});

test.each([
  "/srv/git/company.git",
  "https://github.com.evil.example/northwind/company",
  "https://evil.example/github.com/northwind/company",
  "https://evil.example/?a@github.com/northwind/company",
  "git@evil.example:github.com/northwind/company",
  "https://gitlab.com/northwind/company.git",
  "https://github.com/northwind",
])("%s has branches alone", (origin) => {
  expect(forgePlace(undefined, origin, null)).toBeNull();
});

test("A server of one's own is named with its repository; what is left out is as in the surroundings.", () => {
  const repository = "northwind/company";
  const origin = "https://git.northwind.example/company.git";

  const named = forgePlace(
    { api: "https://git.northwind.example/api/v3/", repository },
    origin,
    null,
  );
  const around = forgePlace({ repository }, origin, "https://ghe.example/api/v3");

  expect(named).toEqual({ ...COMPANY, api: "https://git.northwind.example/api/v3" });
  expect(around).toEqual({ ...COMPANY, api: "https://ghe.example/api/v3" });
});

test("Without an origin, and where plain git is wanted, there is no forge.", () => {
  expect(forgePlace({ repository: "northwind/company" }, null, null)).toBeNull();
  expect(forgePlace({ kind: "git" }, "https://github.com/northwind/company", null)).toBeNull();
});
