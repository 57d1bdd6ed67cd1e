/** Who listens on a TCP port: for the sentence that tells a user what is in the way. Linux only, best effort. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export interface PortOwner {
  readonly uid: number;
  /** Null where another user's processes cannot be looked into. */
  readonly pid: number | null;
  /** File name of the program. */
  readonly executable: string | null;
}

interface Listener {
  readonly port: number;
  readonly uid: number;
  readonly inode: string;
}

/** Null where nobody listens, or nobody can tell. */
export const portOwner = (port: number): PortOwner | null => {
  if (process.platform !== 'linux') return null;
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map(readText);
  const listener = tables.flatMap(parseListeners).find((candidate) => candidate.port === port);
  if (listener === undefined) return null;
  const pid = pidOfSocket(listener.inode);
  return { uid: listener.uid, pid, executable: pid === null ? null : executableOf(pid) };
};

/** "python3" (pid 123), or what is known of it. */
export const describeOwner = ({ uid, pid, executable }: PortOwner): string => {
  if (pid === null) return `a process of user ${uid}`;
  return executable === null ? `pid ${pid}` : `"${executable}" (pid ${pid})`;
};

/** Rows of proc(5) `net/tcp` in state LISTEN. */
export const parseListeners = (table: string): readonly Listener[] =>
  table
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/))
    .filter((columns) => columns[3] === '0A')
    .map((columns) => ({
      port: Number.parseInt(columns[1]?.split(':')[1] ?? '', 16),
      uid: Number(columns[7]),
      inode: columns[9] ?? '',
    }));

const pidOfSocket = (inode: string): number | null => {
  const target = `socket:[${inode}]`;
  const pids = entries('/proc').filter((name) => /^\d+$/.test(name));
  const holder = pids.find((pid) =>
    entries(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === target),
  );
  return holder === undefined ? null : Number(holder);
};

const executableOf = (pid: number): string | null => {
  const link = linkOf(`/proc/${pid}/exe`);
  return link === null ? null : basename(link.replace(/ \(deleted\)$/, ''));
};

// Processes end and directories are closed to us while we look: what cannot be read is not there.
const orElse = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch {
    return otherwise;
  }
};

const entries = (directory: string): readonly string[] => orElse(() => readdirSync(directory), []);
const linkOf = (path: string): string | null => orElse(() => readlinkSync(path), null);
const readText = (path: string): string => orElse(() => readFileSync(path, 'latin1'), '');
