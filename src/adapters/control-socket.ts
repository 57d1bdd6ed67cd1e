/**
 * The control plane's socket, held by one daemon. The server binds a name of its own, which is then renamed to the
 * public one: clients always find a socket, and when the server closes, libuv unlinks the name it knows and not the
 * socket of a successor. On Windows the named pipe is exclusive by itself.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Stats } from 'node:fs';
import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { BrokerError } from '../core/errors.ts';
import { removeLeftovers } from './atomic-file.ts';
import { alreadyRunning, ownerOf, takeOwnership } from './ownership.ts';
import { ensurePrivateDirectory } from './private-directory.ts';
import { errorCode, isMissing } from './system-error.ts';

export interface ControlSocket {
  /** Takes the name away if it is still ours; the server is its maker's to close. */
  readonly release: () => void;
}

/** `sun_path` with its closing NUL; libuv cuts what is longer, and the socket would be another. */
const longestPath = process.platform === 'darwin' ? 103 : 107;
/** How `connect` fails where nobody listens: no such file, nobody behind it, a file in place of a directory. */
const unanswered: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);
const boundName = /^s\.[0-9a-f]{8}$/;

/** Throws `AlreadyRunning` when another daemon lives, `Failed` when the path cannot be used. */
export const listenOnControlSocket = async (server: Server, path: string): Promise<ControlSocket> => {
  if (process.platform === 'win32') return listenOnPipe(server, path);
  if (Buffer.byteLength(path) > longestPath) {
    throw failed(
      `"${path}" is longer than the ${longestPath} bytes a socket may have. Set CREDBROKER_HOME to a shorter one`,
    );
  }
  const directory = dirname(path);
  ensurePrivateDirectory(directory);
  refuseForeignFile(path);
  await refuseSecond(path);
  takeOwnership(directory);
  removeStale(directory);
  const bound = join(directory, `s.${randomBytes(4).toString('hex')}`);
  await bindPrivately(server, bound);
  renameSync(bound, path);
  const ours = lstatSync(path);
  return { release: () => removeIfSame(path, ours) };
};

const listenOnPipe = async (server: Server, path: string): Promise<ControlSocket> => {
  try {
    await listening(server, path);
  } catch (cause) {
    if (errorCode(cause) === 'EADDRINUSE') throw alreadyRunning(null);
    throw cause;
  }
  return { release: () => {} };
};

const refuseForeignFile = (path: string): void => {
  const stats = statsOf(path);
  if (stats !== null && !stats.isSocket()) throw failed(`"${path}" is not a socket. Move it away`);
};

/** Throws `AlreadyRunning`; for whoever would touch the state before he listens. */
export const refuseSecond = async (path: string): Promise<void> => {
  if (await answers(path)) throw alreadyRunning(ownerOf(dirname(path))?.pid ?? null);
};

/** Somebody accepts there, even if he is too busy or stopped to say anything. */
const answers = async (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (cause) => resolve(!unanswered.has(errorCode(cause) ?? '')));
  });

/** What daemons that were killed between bind and rename left behind. Only for the owner. */
const removeStale = (directory: string): void => {
  for (const name of readdirSync(directory)) {
    if (boundName.test(name)) rmSync(join(directory, name), { force: true });
  }
  removeLeftovers(directory);
};

const bindPrivately = async (server: Server, path: string): Promise<void> => {
  // libuv binds before `listen` returns, so the mask is back before anything else runs.
  const mask = process.umask(0o177);
  try {
    await listening(server, path, () => process.umask(mask));
  } catch (cause) {
    throw failed(`The control socket cannot be opened in "${dirname(path)}". Check the file system`, cause);
  }
};

const listening = async (server: Server, path: string, begun = (): unknown => null): Promise<void> => {
  const listens = once(server, 'listening');
  server.listen(path);
  begun();
  await listens;
};

const removeIfSame = (path: string, ours: Stats): void => {
  const current = statsOf(path);
  if (current !== null && current.ino === ours.ino && current.dev === ours.dev) rmSync(path, { force: true });
};

const statsOf = (path: string): Stats | null => {
  try {
    return lstatSync(path);
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw cause;
  }
};

const failed = (message: string, cause?: unknown): BrokerError => new BrokerError('Failed', message, { cause });
