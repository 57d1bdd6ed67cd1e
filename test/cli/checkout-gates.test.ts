import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Answers } from '../../src/core/wish.ts';
import { type CliWorld, cliWorld, type Setting, type Transcript } from '../support/cli-world.ts';
import { type FakeAnswer, issued, loginRouteOf, profile, session } from '../support/fake-daemon.ts';

const route = 'POST /v1/profiles/dev/issue';
const none: Answers = { justification: null, ticketType: null, ticketId: null, otp: null };
const done: FakeAnswer = { lines: [issued] };

const says = (name: string, detail: string | null = null) => ({ event: 'progress', name, detail });
const refusal = (code: string, detail: string | null, before: readonly unknown[] = []): FakeAnswer => {
  const message = 'Profile "dev" needs something. Run: credbroker checkout dev';
  const met = detail === null ? [] : [says('gate.met', detail)];
  return { lines: [...before, ...met, { event: 'failed', code, message }] };
};

const needsJustification = refusal('JustificationRequired', 'a justification is needed, of the form ^OPS-');
const needsTicket = refusal('TicketRequired', 'a ticket is needed (AS-0003)', [says('ticket.type', 'issue')]);
const needsOtp = refusal('OtpRequired', 'a one-time password is needed', [says('mfa.required')]);
const needsApproval = refusal('ApprovalRequired', null);

/** The daemon answers so, one checkout after the other; the last answer stays. */
function answering({ daemon }: CliWorld, answers: readonly FakeAnswer[]): void {
  const left = [...answers];
  daemon.onCall = () => {
    if (daemon.routes().at(-1) !== route) return;
    const next = left.length > 1 ? left.shift() : left[0];
    if (next !== undefined) daemon.answer(route, next);
  };
}

const sent = ({ daemon }: CliWorld): readonly Answers[] =>
  daemon.calls.filter((call) => call.route === route).map(({ body }) => (body as { answers: Answers }).answers);

async function gated(answers: readonly FakeAnswer[]): Promise<CliWorld> {
  const world = await cliWorld();
  answering(world, answers);
  return world;
}

/** Types each of these when the one-time password is asked for. */
function codes(typed: readonly string[]): Partial<Setting> {
  const keyboard = new EventEmitter();
  const left = [...typed];
  const written = (text: string): void => {
    if (!text.endsWith('(not shown): ')) return;
    const keys = left.shift() ?? '\u0004';
    setImmediate(() => {
      for (const key of keys) keyboard.emit('key', key);
    });
  };
  return { tty: true, keyboard, written };
}

/** Nobody echoes what is typed here, so the sentence may stand behind a question. */
const ended = ({ status, stderr }: Transcript): readonly [number, string] => [
  status,
  stderr.slice(stderr.indexOf('credbroker: ')).trimEnd(),
];

describe('the flags of a checkout', () => {
  it('go to the daemon with the request', async () => {
    const world = await cliWorld();
    const flags = ['-j', 'OPS-1: restart', '--ticket-type', 'issue', '--ticket-id', 'REL-1', '--otp', '123456'];
    expect((await world.cli(['checkout', 'dev', ...flags])).status).toBe(0);
    expect(sent(world)).toEqual([
      { justification: 'OPS-1: restart', ticketType: 'issue', ticketId: 'REL-1', otp: '123456' },
    ]);
  });

  it.each<[string, readonly string[]]>([
    ['--ticket-type and --ticket-id go together', ['--ticket-type', 'issue']],
    ['--ticket-type and --ticket-id go together', ['--ticket-id', 'REL-1']],
    ['A justification has at most 255 characters, and this one 256', ['-j', 'x'.repeat(256)]],
    ['--justification is empty. Run: credbroker checkout --help', ['-j', ' ']],
    ['--otp is empty. Run: credbroker checkout --help', ['--otp', '']],
  ])('are refused before anybody is asked: %s', async (message, flags) => {
    const world = await cliWorld();
    expect(await world.cli(['checkout', 'dev', ...flags])).toEqual({
      status: 2,
      stdout: '',
      stderr: `credbroker: ${message}\n`,
    });
    expect(world.daemon.calls).toEqual([]);
  });

  it('take a one-time password as an authenticator shows it', async () => {
    const world = await cliWorld();
    await world.cli(['checkout', 'dev', '--otp', ' 123 456 ']);
    expect(sent(world)).toEqual([{ ...none, otp: '123456' }]);
  });

  it('take a justification of 255 characters', async () => {
    const world = await cliWorld();
    expect((await world.cli(['checkout', 'dev', '-j', 'x'.repeat(255)])).status).toBe(0);
  });

  it('are explained, the one-time password with who else sees it', async () => {
    const { stdout } = await (await cliWorld()).cli('checkout --help');
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/--otp <code> .*other programs can see .* asked for unseen/);
  });
});

describe('a gate without a terminal', () => {
  it.each<[string, string, FakeAnswer, string]>([
    ['a justification', '--justification "…"', needsJustification, 'A justification is needed, of the form ^OPS-'],
    ['a ticket', '--ticket-type … --ticket-id …', needsTicket, 'A ticket is needed (AS-0003), of type issue'],
    ['a one-time password', '--otp …', needsOtp, 'A one-time password is needed'],
    ['an approval', '--justification "…"', needsApproval, 'Profile "dev" needs something'],
  ])('for %s ends in status 4 with what to run', async (_, flags, answer, why) => {
    const world = await gated([answer]);
    expect(await world.cli('checkout dev', { typed: 'never asked' })).toEqual({
      status: 4,
      stdout: '',
      stderr: `credbroker: ${why}. Run: credbroker checkout dev ${flags}\n`,
    });
    expect(sent(world)).toHaveLength(1);
  });

  it('quotes a name that a shell would take apart', async () => {
    const world = await cliWorld();
    world.daemon.status = { ...world.daemon.status, profiles: [profile('my prod')] };
    world.daemon.answer('POST /v1/profiles/my%20prod/issue', needsOtp);
    const { stderr } = await world.cli(['checkout', 'my prod']);
    expect(stderr).toContain("Run: credbroker checkout 'my prod' --otp …\n");
  });
});

describe('a gate in a terminal', () => {
  it('says what it wants, asks, and goes on with the answer', async () => {
    const world = await gated([needsJustification, done]);
    const { status, stdout, stderr } = await world.cli('checkout dev', { tty: true, typed: ' OPS-1: restart ' });
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toContain('A justification is needed, of the form ^OPS-\nJustification: ');
    expect(stderr).toMatch(/Checked out dev \(expires in 1h\)\n$/);
    expect(sent(world)).toEqual([none, { ...none, justification: 'OPS-1: restart' }]);
  });

  it('after gate is opened, each answer going with those before it', async () => {
    const world = await gated([needsJustification, needsTicket, needsOtp, done]);
    const typed = ['OPS-1: restart', 'REL-1'];
    const { status } = await world.cli('checkout dev', { ...codes(['123 456\r']), typed });
    expect(status).toBe(0);
    const [justification, ticket] = [{ justification: 'OPS-1: restart' }, { ticketType: 'issue', ticketId: 'REL-1' }];
    expect(sent(world)).toEqual([
      none,
      { ...none, ...justification },
      { ...none, ...justification, ...ticket },
      { ...none, ...justification, ...ticket, otp: '123456' },
    ]);
  });

  it('asks for the ticket alone where there is one type, and names no number of upstream', async () => {
    const world = await gated([needsTicket, done]);
    const { stderr } = await world.cli('checkout dev', { tty: true, typed: ['REL-1'] });
    expect(stderr).toContain('A ticket is needed\nTicket (issue): ');
    expect(sent(world).at(-1)).toMatchObject({ ticketType: 'issue', ticketId: 'REL-1' });
  });

  it.each<[readonly string[], string]>([
    [['issue', 'change\u001b[2J'], 'Ticket type (issue or change[2J): '],
    [[], 'Ticket type: '],
  ])('asks for the type of the ticket where that is not plain', async (types, question) => {
    const needs = refusal(
      'TicketRequired',
      'a ticket is needed',
      types.map((type) => says('ticket.type', type)),
    );
    const world = await gated([needs, done]);
    const { stderr } = await world.cli('checkout dev', { tty: true, typed: ['change', 'REL-1'] });
    expect(stderr).toContain(`A ticket is needed\n${question}Ticket: `);
    expect(sent(world).at(-1)).toMatchObject({ ticketType: 'change', ticketId: 'REL-1' });
  });

  it('is left after three answers that it does not take', async () => {
    const wrong = refusal('JustificationRequired', 'the justification does not have the expected form');
    const world = await gated([wrong]);
    const transcript = await world.cli('checkout dev -j no', { tty: true, typed: 'still not' });
    expect(ended(transcript)).toEqual([
      4,
      'credbroker: The justification does not have the expected form. Run: credbroker checkout dev --justification "…"',
    ]);
    expect(sent(world).map(({ justification }) => justification)).toEqual(['no', 'still not', 'still not']);
  });

  it('counts no refusal for an answer that was not given', async () => {
    const world = await gated([needsTicket, needsJustification, needsTicket, done]);
    const { status } = await world.cli('checkout dev', { tty: true, typed: 'x' });
    expect([status, sent(world).length]).toEqual([0, 4]);
  });

  it.each<[string, FakeAnswer, readonly string[], string]>([
    [
      'justification',
      needsJustification,
      [],
      'No justification was given. Run: credbroker checkout dev --justification "…"',
    ],
    ['ticket', needsTicket, [], 'No ticket was given. Run: credbroker checkout dev --ticket-type … --ticket-id …'],
    ['one-time password', needsOtp, [], 'No one-time password was given. Run: credbroker checkout dev --otp …'],
  ])('without an answer ends in status 4: %s', async (_, answer, typed, sentence) => {
    const world = await gated([answer]);
    const transcript = await world.cli('checkout dev', { ...codes([]), typed });
    expect(ended(transcript)).toEqual([4, `credbroker: ${sentence}`]);
    expect(sent(world)).toHaveLength(1);
  });

  it('takes no justification that is too long, and asks again without sending it', async () => {
    const world = await gated([needsJustification, done]);
    const { status, stderr } = await world.cli('checkout dev', { tty: true, typed: ['x'.repeat(256), 'OPS-1'] });
    expect(status).toBe(0);
    expect(stderr).toContain('A justification has at most 255 characters, and this one 256\n');
    expect(sent(world)).toEqual([none, { ...none, justification: 'OPS-1' }]);
  });

  it('for an approval asks why once, and not again when nobody approves', async () => {
    const world = await gated([needsApproval, refusal('ApprovalRequired', 'nobody approved it in time')]);
    const transcript = await world.cli('checkout dev', { tty: true, typed: 'for the release' });
    expect(ended(transcript)).toEqual([
      4,
      'credbroker: Nobody approved it in time. Run: credbroker checkout dev --justification "…"',
    ]);
    expect(sent(world)).toEqual([none, { ...none, justification: 'for the release' }]);
  });

  it('ends in status 130 at Ctrl-C', async () => {
    const world = await gated([needsOtp]);
    const signals = new EventEmitter();
    const written = (text: string) =>
      void (text.endsWith('(not shown): ') && setImmediate(() => signals.emit('SIGINT', 'SIGINT')));
    const { status, stdout, stderr } = await world.cli('checkout dev', { tty: true, signals, written });
    expect([status, stdout]).toEqual([130, '']);
    expect(stderr).not.toContain('credbroker:');
    expect(sent(world)).toHaveLength(1);
  });

  it('asks on stderr alone, so that stdout can be evaluated', async () => {
    const world = await gated([needsJustification, done]);
    const { stdout } = await world.cli('checkout dev -o process', { tty: true, typed: 'OPS-1' });
    expect(JSON.parse(stdout)).toMatchObject({ Version: 1 });
  });

  it('follows a sign-in that is announced once, however many gates come', async () => {
    const world = await gated([needsJustification, needsTicket, done]);
    const active = world.daemon.status;
    const expired = { ...active, sessions: [session('work', { state: 'login-required' })] };
    world.daemon.status = { ...expired, profiles: [profile('dev', { state: 'empty' })] };
    const loginRoute = loginRouteOf('work');
    world.daemon.answer(loginRoute, { lines: [{ event: 'done', session: 'work', expiresAt: null }] });
    const { onCall } = world.daemon;
    world.daemon.onCall = () => {
      onCall();
      if (world.daemon.routes().at(-1) === loginRoute) world.daemon.status = active;
    };
    const { status, stderr } = await world.cli('checkout dev', { tty: true, typed: 'x' });
    expect(status).toBe(0);
    expect(stderr.split('Session expired -- re-authenticating...\n')).toHaveLength(2);
    expect(world.daemon.routes().filter((one) => one === loginRoute)).toHaveLength(1);
  });
});

describe('a one-time password', () => {
  it('is never shown', async () => {
    const world = await gated([needsOtp, done]);
    const { status, stderr } = await world.cli('checkout dev', codes(['123456\r']));
    expect(status).toBe(0);
    expect(stderr).toContain('One-time password (not shown): \n');
    expect(stderr).not.toContain('123456');
  });

  it('is asked for once the echo is off, or who answers at once would read it on the screen', async () => {
    const world = await gated([needsOtp, done]);
    const keyboard = new EventEmitter();
    const listeners: number[] = [];
    const written = (text: string): void => {
      if (!text.endsWith('(not shown): ')) return;
      listeners.push(keyboard.listenerCount('key'));
      setImmediate(() => {
        for (const key of '123456\r') keyboard.emit('key', key);
      });
    };
    expect((await world.cli('checkout dev', { tty: true, keyboard, written })).status).toBe(0);
    expect(listeners).toEqual([1]);
  });

  it('is tried three times', async () => {
    const world = await gated([needsOtp, refusal('OtpRequired', 'the one-time password is not accepted')]);
    const transcript = await world.cli('checkout dev', codes(['1\r', '2\r', '3\r', '4\r']));
    expect(ended(transcript)).toEqual([
      4,
      'credbroker: The one-time password is not accepted. Run: credbroker checkout dev --otp …',
    ]);
    expect(sent(world).map(({ otp }) => otp)).toEqual([null, '1', '2', '3']);
  });

  it('that was spent on the way to another gate is not sent again', async () => {
    const spent = refusal('JustificationRequired', null, [says('mfa.required')]);
    const world = await gated([spent, done]);
    expect((await world.cli('checkout dev --otp 123456', { tty: true, typed: 'OPS-1' })).status).toBe(0);
    expect(sent(world).map(({ otp }) => otp)).toEqual(['123456', null]);
  });

  it('that no gate has asked for yet is kept', async () => {
    const world = await gated([needsJustification, done]);
    expect((await world.cli('checkout dev --otp 123456', { tty: true, typed: 'OPS-1' })).status).toBe(0);
    expect(sent(world).map(({ otp }) => otp)).toEqual(['123456', '123456']);
  });
});
