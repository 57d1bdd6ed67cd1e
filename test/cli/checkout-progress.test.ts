import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { cliWorld } from '../support/cli-world.ts';
import { issued } from '../support/fake-daemon.ts';

const route = 'POST /v1/profiles/dev/issue';
const says = (name: string, detail: string | null = null) => ({ event: 'progress', name, detail });
const events = (...names: readonly string[]) => names.map((name) => says(name));
const never = new Promise<void>(() => {});
const wipe = '\r\u001b[2K';
const checkedOut = 'Checked out dev (expires in 1h)\n';

const approval = events(
  'checkout.post',
  'approval.requested',
  'approval.waiting',
  'approval.approved',
  'checkout.post',
);
const force = events('checkin.wait', 'checkout.post', 'checkout.wait', 'checkout.ready');

describe('a checkout that takes its time', () => {
  it.each([
    ['is quiet where nobody has to know more', events('checkout.post', 'checkout.wait', 'checkout.ready'), ''],
    ['tells of an approval', approval, 'Asked for an approval\nWaiting for an approval\nApproved\n'],
    [
      'announces what --force ends for others',
      force,
      'Giving back what is checked out, which ends keys that others may use\n',
    ],
    [
      'tells that a check-in failed',
      events('checkin.wait', 'checkin.failed'),
      'Giving back what is checked out, which ends keys that others may use\n' +
        'What is checked out could not be given back, and stays in use\n',
    ],
  ])('without a terminal %s', async (_, lines, told) => {
    const world = await cliWorld();
    world.daemon.answer(route, { lines: [...lines, issued] });
    const { status, stdout, stderr } = await world.cli('checkout dev');
    expect([status, stdout, stderr]).toEqual([0, '', told + checkedOut]);
  });

  it('shows a terminal one line that changes, and wipes it', async () => {
    const world = await cliWorld();
    world.daemon.answer(route, { lines: [...force, issued] });
    const { stderr } = await world.cli('checkout dev --force', { tty: true });
    expect(stderr).toBe(
      [
        'Giving back what is checked out, which ends keys that others may use\n',
        `${wipe}Waiting until it has been given back`,
        `${wipe}Asking the tenant for a checkout`,
        `${wipe}Waiting until the tenant has made it`,
        `${wipe}${checkedOut}`,
      ].join(''),
    );
  });

  it('shows a terminal how long an approval takes already', async () => {
    const world = await cliWorld();
    world.daemon.answer(route, { lines: [...events('approval.waiting'), issued] });
    const { stderr } = await world.cli('checkout dev', { tty: true });
    expect(stderr).toContain(`${wipe}Waiting for an approval, 0s (Ctrl-C withdraws it)`);
  });

  it.each([true, false])('says once at Ctrl-C that an approval is withdrawn (terminal: %s)', async (tty) => {
    const world = await cliWorld();
    world.daemon.answer(route, { lines: events('approval.requested', 'approval.waiting'), end: never });
    const signals = new EventEmitter();
    const written = (text: string) =>
      void (/Waiting for an approval[^\n]*\n?$/.test(text) && signals.emit('SIGINT', 'SIGINT'));
    const { status, stdout, stderr } = await world.cli('checkout dev -o env', { tty, signals, written });
    expect([status, stdout]).toEqual([130, '']);
    expect(stderr.split('Withdrawing the approval request\n')).toHaveLength(2);
    expect(stderr).not.toContain('credbroker:');
  });

  it('says nothing of an approval at Ctrl-C once there is one', async () => {
    const world = await cliWorld();
    world.daemon.answer(route, { lines: events('approval.waiting', 'approval.approved'), end: never });
    const signals = new EventEmitter();
    const written = (text: string) => void (text.endsWith('Approved\n') && signals.emit('SIGINT', 'SIGINT'));
    const { status, stderr } = await world.cli('checkout dev', { signals, written });
    expect([status, stderr]).toEqual([130, 'Waiting for an approval\nApproved\n']);
  });

  it('passes on nothing that could command the terminal', async () => {
    const world = await cliWorld();
    const failed = { event: 'failed', code: 'JustificationRequired', message: 'Needs one' };
    world.daemon.answer(route, { lines: [says('gate.met', 'of the form \u001b[2J\n^OPS'), failed] });
    const { stderr } = await world.cli('checkout dev');
    expect(stderr).toContain('Of the form [2J ^OPS. Run: ');
  });
});
