import { expect, test } from "vitest";
import { historyOfClosed } from "#runner/core/run-history.ts";
import { runsNamed } from "#runner/core/run-name.ts";
import { closedRun } from "../report/example.ts";

const runs = [
  run("brief.b2", "shop", "brief"),
  run("brief.a1", "shop", "brief"),
  run("brief-long.c3", "shop", "brief-long"),
  run("notes.d4", "shop", "notes"),
  run("notes.e5", "press", "notes"),
];

function run(id: string, project: string, pipeline: string): ReturnType<typeof historyOfClosed> {
  return historyOfClosed({ ...closedRun, run: { ...closedRun.run, id, project, pipeline } });
}

test.each([
  ["brief.a1", ["brief.a1"]],
  ["brief", ["brief.b2"]],
  ["shop/brief", ["brief.b2"]],
  ["notes", ["notes.d4", "notes.e5"]],
  ["press/notes", ["notes.e5"]],
  ["brief.", ["brief.b2", "brief.a1"]],
  ["brie", ["brief.b2", "brief.a1", "brief-long.c3"]],
  ["nothing", []],
])("%s means %j", (name, ids) => {
  expect(runsNamed(name, runs).map(({ record }) => record.id)).toEqual(ids);
});
