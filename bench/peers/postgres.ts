/** A PostgreSQL of its own in a temporary folder, on a socket only; gone when it is stopped. */
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

const VERSIONS = "/usr/lib/postgresql";

export interface Postgres {
  readonly url: string;
  readonly version: string;
  readonly stop: () => void;
}

/** undefined where PostgreSQL is not installed. */
export function startPostgres(): Postgres | undefined {
  const version = existsSync(VERSIONS) ? readdirSync(VERSIONS).toSorted().at(-1) : undefined;
  if (version === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "fettle-peer-"));
  const data = join(folder, "data");
  const asOwner = ownerOf(folder);
  const pg = (program: string, ...args: readonly string[]): void => {
    const [file, ...rest] = [...asOwner, join(VERSIONS, version, "bin", program), ...args];
    execFileSync(file ?? program, rest, { stdio: ["ignore", "ignore", "inherit"], cwd: folder });
  };
  pg("initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust");
  const options = `-k ${folder} -c listen_addresses=''`;
  pg("pg_ctl", "--pgdata", data, "--log", join(folder, "log"), "-o", options, "-w", "start");
  return {
    url: `postgresql://postgres@localhost/peer?host=${encodeURIComponent(folder)}`,
    version,
    stop: () => {
      pg("pg_ctl", "--pgdata", data, "-m", "immediate", "-w", "stop");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root: it gets the folder, and the words that come before each command. */
function ownerOf(folder: string): readonly string[] {
  if (userInfo().uid !== 0) return [];
  const [uid, gid] = [idOf("-u"), idOf("-g")];
  chownSync(folder, Number(uid), Number(gid));
  return ["setpriv", "--reuid", uid, "--regid", gid, "--clear-groups"];
}

function idOf(flag: string): string {
  return execFileSync("id", [flag, "postgres"], { encoding: "utf8" }).trim();
}
