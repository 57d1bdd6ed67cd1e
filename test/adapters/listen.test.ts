import { createServer as createHttpServer } from 'node:http';
import type { Server } from 'node:net';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PortChoice } from '../../src/adapters/listen.ts';
import { listenOnLoopback, parsePortChoice } from '../../src/adapters/listen.ts';
import type { PortOwner } from '../../src/adapters/port-owner.ts';
import { BrokerError } from '../../src/core/errors.ts';

const ipv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
const self: PortOwner = { uid: process.getuid?.() ?? -1, pid: 123, executable: 'python3' };
const stranger: PortOwner = { uid: 54_321, pid: null, executable: null };

const held = async (host: string): Promise<number> => {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen({ port: 0, host, ipv6Only: true }, resolve));
  return portOf(server);
};

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const start = async (port: number, owner: PortOwner | null, choice: PortChoice | null = null) => {
  const server = createHttpServer((_, response) => response.end('ours'));
  const saved: PortChoice[] = [];
  const remembered = { load: () => saved.at(-1) ?? choice, save: (value: PortChoice) => void saved.push(value) };
  const listening = await listenOnLoopback({ server, port, remembered, ownerOf: () => owner });
  onTestFinished(() => {
    listening.close();
    server.close();
  });
  return { server, listening, saved };
};

const firstEvent = async (port: number, host: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ port, host });
    socket.once('data', () => resolve('data'));
    socket.once('end', () => resolve('closed'));
    socket.once('error', () => resolve('error'));
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  });

describe('the port', () => {
  it('is taken on 127.0.0.1 only', async () => {
    const { server, listening } = await start(0, null);
    expect(server.address()).toMatchObject({ address: '127.0.0.1', port: listening.port });
    expect(await firstEvent(listening.port, '127.0.0.1')).toBe('data');
  });

  it.runIf(ipv6)('is held on ::1, where connections are dropped, until it is given back', async () => {
    const { listening } = await start(0, null);
    expect(await firstEvent(listening.port, '::1')).not.toBe('data');
    const squatter = createServer();
    const outcome = new Promise<string>((resolve) => {
      squatter.once('error', (cause: NodeJS.ErrnoException) => resolve(cause.code ?? ''));
      squatter.once('listening', () => resolve('listening'));
    });
    squatter.listen({ port: listening.port, host: '::1' });
    expect(await outcome).toBe('EADDRINUSE');
  });

  it('is not taken from a program of our own user, who is told what holds it', async () => {
    const port = await held('127.0.0.1');
    const failure = start(port, self);
    await expect(failure).rejects.toThrow(BrokerError);
    await expect(failure).rejects.toMatchObject({
      code: 'PortInUse',
      message: `Port ${port} is held by "python3" (pid 123). Stop it, or set listen.port`,
    });
  });

  it('is not hopped away from when nobody knows who holds it', async () => {
    const port = await held('127.0.0.1');
    await expect(start(port, null)).rejects.toMatchObject({
      code: 'PortInUse',
      message: `Port ${port} is held by another program. Stop it, or set listen.port`,
    });
  });

  it.each(['127.0.0.1', ...(ipv6 ? ['::1'] : [])])(
    'gives way to a free one below 32768 that is remembered, where another user holds it on %s',
    async (host) => {
      const port = await held(host);
      const { server, listening, saved } = await start(port, stranger);
      expect(saved).toEqual([{ wanted: port, port: listening.port }]);
      expect(listening.port).toBeGreaterThan(10_080);
      expect(listening.port).toBeLessThan(32_768);
      expect(portOf(server)).toBe(listening.port);
    },
  );

  it('stays the remembered one at the next start, though the wanted one is free again', async () => {
    const first = await start(await held('127.0.0.1'), stranger);
    const [choice] = first.saved;
    first.listening.close();
    await new Promise((resolve) => first.server.close(resolve));
    const second = await start(choice?.wanted ?? 0, stranger, choice ?? null);
    expect(second.listening.port).toBe(choice?.port);
    expect(second.saved).toEqual([]);
  });

  it('is the configured one again once the configuration names another', async () => {
    const { listening, saved } = await start(0, stranger, { wanted: 9_911, port: 23_456 });
    expect(listening.port).not.toBe(23_456);
    expect(saved).toEqual([]);
  });
});

describe('a remembered choice', () => {
  it.each([null, {}, { wanted: 1 }, { wanted: 1, port: 0 }, { wanted: 1, port: 65_536 }, { wanted: '1', port: 2 }])(
    'is refused as %j',
    (value) => {
      expect(() => parsePortChoice(value)).toThrow();
    },
  );

  it('keeps its two ports', () => {
    expect(parsePortChoice({ wanted: 9_911, port: 20_001 })).toEqual({ wanted: 9_911, port: 20_001 });
  });
});
