import { createServer } from 'node:net';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeOwner, parseListeners, portOwner } from '../../src/adapters/port-owner.ts';

describe.runIf(process.platform === 'linux')('who listens on a port', () => {
  it.each(['127.0.0.1', '::1', '0.0.0.0'])('is found on %s with user, process and program', async (host) => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, host, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    expect(portOwner(port)).toEqual({
      uid: process.getuid?.(),
      pid: process.pid,
      executable: basename(process.execPath),
    });
    await new Promise((resolve) => server.close(resolve));
    expect(portOwner(port)).toBeNull();
  });
});

describe('the socket table', () => {
  it('gives the listening rows only', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:26B7 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41521 1 0000000000000000 100',
      '   1: 0100007F:26B7 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1001        0 41522 1 0000000000000000 20',
      '   2: 0100007F:26B7 0100007F:C351 06 00000000:00000000 00:00000000 00000000     0        0 0 3 0000000000000000',
      '',
    ].join('\n');
    expect(parseListeners(table)).toEqual([{ port: 9911, uid: 1000, inode: '41521' }]);
  });
});

describe('the words for an owner', () => {
  it.each([
    [{ uid: 7, pid: 123, executable: 'python3' }, '"python3" (pid 123)'],
    [{ uid: 7, pid: 123, executable: null }, 'pid 123'],
    [{ uid: 7, pid: null, executable: null }, 'a process of user 7'],
  ])('%j', (owner, words) => {
    expect(describeOwner(owner)).toBe(words);
  });
});
