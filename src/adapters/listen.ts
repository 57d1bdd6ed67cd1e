/**
 * The data plane's port on 127.0.0.1, and the same port on ::1 so that nobody else can answer to "localhost" there.
 * A port that another user holds is not fought over: a free one is chosen once and kept, because shells live longer than
 * daemons and hold the address.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { BrokerError } from '../core/errors.ts';
import type { StateFile } from '../core/ports.ts';
import { objectOf } from './json.ts';
import type { PortOwner } from './port-owner.ts';
import { describeOwner } from './port-owner.ts';
import { errorCode } from './system-error.ts';

export interface PortChoice {
  /** The configured port this one stands in for. */
  readonly wanted: number;
  readonly port: number;
}

export interface ListenOptions {
  readonly server: Server;
  /** The configured port; 0 takes any free one and remembers nothing. */
  readonly port: number;
  readonly remembered: StateFile<PortChoice>;
  readonly ownerOf: (port: number) => PortOwner | null;
}

export interface Listening {
  readonly port: number;
  /** Gives ::1 back; the server is its maker's to close. */
  readonly close: () => void;
}

/** Chosen below the range the kernel lends out (32768) and above every "bad port" of WHATWG fetch (at most 10080). */
const chosenPorts = { from: 20_000, to: 32_768 };
const attempts = 20;

/** Throws `PortInUse` when our own user, or nobody known, holds the port. */
export const listenOnLoopback = async (options: ListenOptions): Promise<Listening> => {
  const { server, port: wanted, remembered, ownerOf } = options;
  const known = remembered.load();
  const port = known?.wanted === wanted ? known.port : wanted;
  const listening = await bind(server, port);
  if (listening !== null) return listening;
  const owner = ownerOf(port);
  if (owner === null || owner.uid === process.getuid?.()) throw portInUse(port, owner);
  return chooseAnother(options, owner);
};

export const parsePortChoice = (value: unknown): PortChoice => {
  const { wanted, port } = objectOf(value) ?? {};
  if (!isPort(wanted) || !isPort(port)) throw new Error('"wanted" or "port" is missing or out of range');
  return { wanted, port };
};

const chooseAnother = async (
  { server, port: wanted, remembered }: ListenOptions,
  owner: PortOwner,
): Promise<Listening> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const listening = await bind(server, randomInt(chosenPorts.from, chosenPorts.to));
    if (listening === null) continue;
    remembered.save({ wanted, port: listening.port });
    return listening;
  }
  throw portInUse(wanted, owner);
};

/** Null when either address is taken. */
const bind = async (server: Server, port: number): Promise<Listening | null> => {
  if (!(await listen(server, { port, host: '127.0.0.1' }))) return null;
  const bound = boundPort(server);
  const guard = createServer((socket) => socket.destroy());
  if (await holdIpv6(guard, bound)) return { port: bound, close: () => guard.close() };
  await new Promise((resolve) => server.close(resolve));
  return null;
};

const holdIpv6 = async (guard: Server, port: number): Promise<boolean> => {
  try {
    const held = await listen(guard, { port, host: '::1', ipv6Only: true });
    guard.unref();
    return held;
  } catch (cause) {
    // A machine without IPv6 has no ::1 that anyone could take.
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(errorCode(cause) ?? '')) return true;
    throw cause;
  }
};

/** False when the address is taken. */
const listen = async (
  server: Server,
  address: { port: number; host: string; ipv6Only?: boolean },
): Promise<boolean> => {
  try {
    const listens = once(server, 'listening');
    server.listen({ ...address, exclusive: true });
    await listens;
    return true;
  } catch (cause) {
    if (errorCode(cause) === 'EADDRINUSE') return false;
    if (errorCode(cause) === 'EACCES') throw notAllowed(address.port, cause);
    throw cause;
  }
};

const boundPort = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const isPort = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;

const portInUse = (port: number, owner: PortOwner | null): BrokerError => {
  const holder = owner === null ? 'another program' : describeOwner(owner);
  return new BrokerError('PortInUse', `Port ${port} is held by ${holder}. Stop it, or set listen.port`);
};

const notAllowed = (port: number, cause: unknown): BrokerError =>
  new BrokerError('PortInUse', `Port ${port} is reserved by the system. Set listen.port to another`, { cause });
