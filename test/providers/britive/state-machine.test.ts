/**
 * The states of a checkout, row by row: where it is, what it meets, where that leads. Every answer is prepared and has to
 * be asked for, and nothing else may be: the calls of a row are the way it went.
 */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../support/fake-clock.ts';
import type { RecordedWish } from './world.ts';
import { BritiveWorld, keys, named, origin, target, wish } from './world.ts';

type Row = readonly [from: string, event: string, to: string, go: (world: BritiveWorld) => unknown];

const checkin = '/api/access/txn-1?type=API';
const approvals = '/api/v1/approvals/req-1';
const request = `${target}/approvalRequest`;
const settings = `${target}/settings`;
const stepUp = '/api/step-up/authenticate/TOTP';
const requests = '/api/v1/approvals?requestType=myRequests';
const alreadyOut = 'already checked out profile for this environment';

const pendingOut = ['checkOutSubmitted', 'checkOutInProgress', 'checkOutInApproval'];
const pendingIn = ['checkInSubmitted', 'checkInInProgress'];
const stuckIn = ['checkInFailed', 'checkInTimeOut'];
const failedOut = ['checkOutFailed', 'checkOutTimeOut'];
const over = ['checkedIn', 'checkedInExpired'];

const person = () =>
  wish({ justification: 'OPS-1: look', ticketType: 'issue', ticketId: 'REL-1', otp: '482913', force: false });

/** The rest of every way that ends well. */
const anew = (world: BritiveWorld): BritiveWorld =>
  world.posts({ body: world.row({ transactionId: 'txn-2' }) }).tokens({}, 'txn-2');

const first = { type: 'ok', value: { transaction: 'txn-1' } };
const second = { type: 'ok', value: { transaction: 'txn-2' } };
const denied = (why: string, detail = '') => ({ type: 'denied', why, detail: expect.stringContaining(detail) });

const expectOf = async (world: BritiveWorld, verdict: object, asked: RecordedWish | null = null): Promise<void> =>
  void expect(await world.acquire({ wish: asked })).toMatchObject(verdict);

const to = (status: string, errorCode: string) => ({ status: Number(status), body: { errorCode, message: 'no' } });

/** One row for each of several statuses. */
const each = (statuses: readonly string[], row: (status: string) => Row): readonly Row[] => statuses.map(row);

const checking: readonly Row[] = [
  ['Checking', 'a live row', 'Fetching', (w) => expectOf(w.lists([w.row()]).tokens(), first)],
  [
    'Checking',
    'a live row, by force',
    'CheckingIn',
    (w) => expectOf(anew(w.lists([w.row()]).on('PUT', checkin).lists([])), second, wish({ force: true })),
  ],
  [
    'Checking',
    'a live row, by force, for the second time',
    'Fetching',
    (w) => {
      w.lists([w.row()]).on('PUT', checkin).lists([]).refuses(400, 'E1001', alreadyOut);
      w.lists([w.row({ transactionId: 'txn-2' })]).tokens({}, 'txn-2');
      return expectOf(w, second, wish({ force: true }));
    },
  ],
  ...each([...pendingOut, 'checkOutPondering'], (status) => [
    'Checking',
    `a row that is ${status}`,
    'WaitOut, of that transaction',
    (w) => expectOf(w.lists([w.row({ status })], [w.row()]).tokens(), first),
  ]),
  ...each(pendingIn, (status) => [
    'Checking',
    `a row that is ${status}`,
    'WaitGone',
    (w) => expectOf(anew(w.lists([w.row({ status })], [w.row({ status })], [])), second),
  ]),
  [
    'Checking',
    'a row that is checkedOut and has been checked in',
    'WaitGone',
    (w) => expectOf(anew(w.lists([w.row({ checkedIn: '2026-11-21T08:59:59Z' })], [])), second),
  ],
  ...each(stuckIn, (status) => [
    'Checking',
    `a row that is ${status}`,
    'CheckingIn, once',
    (w) =>
      expectOf(
        anew(
          w
            .lists([w.row({ status })])
            .on('PUT', checkin)
            .lists([]),
        ),
        second,
      ),
  ]),
  ...each([...over, ...failedOut], (status) => [
    'Checking',
    `a row that is ${status}`,
    'Posting',
    (w) => expectOf(anew(w.lists([w.row({ status })])), second),
  ]),
  ['Checking', 'no row', 'Posting', (w) => expectOf(anew(w.lists([])), second)],
  [
    'Checking',
    "somebody else's rows",
    'Posting',
    (w) => {
      const others = [{ papId: 'pap-2' }, { environmentId: '310987654321' }, { accessType: 'CONSOLE' }];
      return expectOf(anew(w.lists(others.map((other) => w.row(other)))), second);
    },
  ],
  [
    'Checking',
    'a 401',
    'a sign-in',
    (w) => expectOf(w.on('GET', '/api/access/app-access-status', to('401', 'AU-0007')), { type: 'unauthorized' }),
  ],
  [
    'Checking',
    'a 403',
    'Failed',
    (w) => expectOf(w.on('GET', '/api/access/app-access-status', to('403', 'PE-0002')), denied('forbidden')),
  ],
  [
    'Checking',
    'four failures',
    'Checking',
    (w) => {
      for (let n = 0; n < 4; n++) w.on('GET', '/api/access/app-access-status', { status: 503 });
      return expectOf(w.lists([w.row()]).tokens(), first);
    },
  ],
  [
    'Checking',
    'five failures',
    'Failed, for now',
    (w) => {
      for (let n = 0; n < 5; n++) w.on('GET', '/api/access/app-access-status', { status: 503 });
      return expectOf(w, { type: 'transient' });
    },
  ],
];

const forced = (world: BritiveWorld, answer: object): BritiveWorld =>
  world.lists([world.row()]).on('PUT', checkin, answer);

const checkingIn: readonly Row[] = [
  ...(
    [
      ['a 200', { body: {} }],
      ['a 204', { status: 204, body: null }],
      ['a 404', { status: 404 }],
      ['MA-0008', to('400', 'MA-0008')],
    ] as const
  ).map(
    ([event, answer]): Row => [
      'CheckingIn',
      event,
      'WaitGone',
      (w) => expectOf(anew(forced(w, answer).lists([])), second, wish({ force: true })),
    ],
  ),
  ...['CI-0003', 'MA-0001', 'PE-0002'].map(
    (code): Row => [
      'CheckingIn',
      code,
      'Fetching, with a warning',
      async (w) => {
        const asked = wish({ force: true });
        await expectOf(forced(w, to(code.startsWith('PE') ? '403' : '400', code)).tokens(), first, asked);
        expect(named(asked)).toContain('checkin.failed');
      },
    ],
  ),
];

const waitGone: readonly Row[] = [
  [
    'WaitGone',
    'a row that goes',
    'Posting',
    (w) => {
      const leaving = w.row({ status: 'checkInInProgress' });
      return expectOf(anew(w.lists([leaving], [leaving], [leaving], [])), second);
    },
  ],
  [
    'WaitGone',
    '90 s',
    'Failed, for now',
    async (w) => {
      const leaving = [w.row({ status: 'checkInInProgress' })];
      w.agent.get(origin).intercept({ path: '/api/access/app-access-status' }).reply(200, leaving).persist();
      const begun = w.clock.now();
      await expectOf(w, { type: 'not-yet', retryAt: begun + seconds(120) });
      expect(w.clock.now() - begun).toBe(seconds(90));
    },
  ],
];

/** What a POST is answered with. */
const posting = (event: string, to_: string, go: (world: BritiveWorld) => unknown): Row => [
  'Posting',
  event,
  to_,
  (world) => go(world.lists([])),
];

const refusedBy = (
  status: number,
  code: string | null,
  verdict: object,
  more: (world: BritiveWorld) => BritiveWorld = (world) => world,
): Row =>
  posting(`${status} ${code ?? 'without a code'}`, 'Failed', (w) => expectOf(more(w.refuses(status, code)), verdict));

const postings: readonly Row[] = [
  posting('a checkout that stands', 'Fetching', (w) => expectOf(w.posts().tokens(), first)),
  ...[...pendingOut, 'checkOutPondering'].map((status) =>
    posting(`one that is ${status}`, 'WaitOut', (w) =>
      expectOf(
        w
          .posts({ body: w.row({ status }) })
          .lists([w.row()])
          .tokens(),
        first,
      ),
    ),
  ),
  ...failedOut.map((status) =>
    posting(`one that is ${status}`, 'Failed, in its words', (w) =>
      expectOf(w.posts({ body: w.row({ status, errorMessage: 'quota' }) }), denied('checkout-failed', 'failed: quota')),
    ),
  ),
  posting('PE-0028', 'StepUp', (w) =>
    expectOf(
      w
        .refuses(403, 'PE-0028')
        .on('POST', stepUp, { body: { result: 'SUCCEEDED' } })
        .posts()
        .tokens(),
      first,
      person(),
    ),
  ),
  ...['AS-0001', 'AS-0002'].map((code) =>
    posting(code, 'NeedInput: justification', (w) =>
      expectOf(w.refuses(400, code).on('GET', settings), denied('needs-justification')),
    ),
  ),
  ...['AS-0003', 'AS-0004', 'AS-0005', 'AS-0006', 'AS-0007'].map((code) =>
    posting(code, 'NeedInput: ticket', (w) =>
      expectOf(w.refuses(400, code).on('GET', settings), denied('needs-ticket')),
    ),
  ),
  ...['MA-0009', 'MA-0010'].map((code) =>
    posting(code, 'RequestingApproval', (w) =>
      expectOf(w.refuses(400, code).on('POST', request, { body: null }).posts().tokens(), first, person()),
    ),
  ),
  ...['MA-0009', 'MA-0010'].map((code) =>
    posting(`${code}, of somebody who has said nothing`, 'NeedInput: justification', (w) =>
      expectOf(w.refuses(400, code), denied('needs-justification'), wish()),
    ),
  ),
  ...['MA-0009', 'MA-0010', 'MA-0011'].map((code) =>
    posting(`${code}, of a program`, 'Failed, at once', (w) =>
      expectOf(w.refuses(400, code), denied('needs-approval')),
    ),
  ),
  posting('MA-0011', 'AwaitingApproval, of the request there is', (w) => {
    const pending = { requestId: 'req-1', resource: 'pap-1/210987654321', status: 'PENDING' };
    w.refuses(400, 'MA-0011').on('GET', requests, { body: [pending] });
    w.on('GET', approvals, { body: { ...pending, status: 'APPROVED' } });
    return expectOf(w.posts().tokens(), first, person());
  }),
  posting('MA-0011, and no request to be found', 'Posting, once', (w) => {
    w.refuses(400, 'MA-0011').on('GET', requests, { body: [] }).posts().tokens();
    return expectOf(w, first, person());
  }),
  posting('E1001, checked out already', 'Checking', (w) =>
    expectOf(w.refuses(400, 'E1001', alreadyOut).lists([w.row()]).tokens(), first),
  ),
  posting('E1001 three times', 'Failed, for now', (w) => {
    w.refuses(400, 'E1001', alreadyOut).lists([]).refuses(400, 'E1001', alreadyOut).lists([]);
    return expectOf(w.refuses(400, 'E1001', alreadyOut), { type: 'not-yet' });
  }),
  posting('that it opens the console only', 'Failed', (w) =>
    expectOf(w.refuses(400, 'E1001', 'Programmatic access is not enabled'), denied('console-only', 'console only')),
  ),
  ...[500, 502, 504].map((status) =>
    posting(`${status}`, 'Ambiguous', (w) => expectOf(w.posts({ status }).lists([w.row()]).tokens(), first)),
  ),
  ...['ECONNRESET', 'UND_ERR_HEADERS_TIMEOUT'].map((code) =>
    posting(code, 'Ambiguous', (w) =>
      expectOf(w.fails('POST', `${target}?accessType=PROGRAMMATIC`, code).lists([w.row()]).tokens(), first),
    ),
  ),
  posting('429', 'Posting', (w) => expectOf(w.posts({ status: 429 }).posts().tokens(), first)),
  posting('429 five times', 'Failed, for now', (w) => {
    for (let n = 0; n < 5; n++) w.posts({ status: 429 });
    return expectOf(w, { type: 'transient', why: '429' });
  }),
  posting('no connection, then one', 'Posting', (w) =>
    expectOf(w.fails('POST', `${target}?accessType=PROGRAMMATIC`, 'ECONNREFUSED', 'connect').posts().tokens(), first),
  ),
  refusedBy(401, null, { type: 'unauthorized' }),
  refusedBy(401, 'AU-0021', denied('forbidden', 'locked out')),
  refusedBy(403, null, denied('forbidden')),
  refusedBy(403, 'PE-0002', denied('forbidden', 'a policy denies access')),
  refusedBy(409, null, { type: 'not-yet' }),
  refusedBy(400, 'CO-0001', denied('checkout-failed', 'was refused by the cloud (CO-0001)')),
  refusedBy(400, 'CO-0010', denied('checkout-failed', 'was refused by the cloud (CO-0010)')),
  refusedBy(400, 'MA-0002', denied('checkout-failed', 'failed (MA-0002)')),
  posting('maintenance', 'Failed, for a minute', (w) =>
    expectOf(w.posts({ status: 503, body: { errorCode: 'MAINT0001', message: 'Back at 10' } }), {
      ...{ type: 'transient', detail: 'Back at 10', retryAfterMs: seconds(60) },
    }),
  ),
  posting('404 for ids of an hour ago', 'Posting, once the catalogue is read', (w) => {
    w.refuses(404, null).on('GET', '/api/access?type=sdk', { body: moved });
    w.on('GET', '/api/access?page=0&size=100', { status: 404 }).lists([]);
    const elsewhere = { body: w.row({ papId: 'pap-9', transactionId: 'txn-2' }) };
    return expectOf(w.posts(elsewhere, '/api/access/pap-9/environments/210987654321').tokens({}, 'txn-2'), second);
  }),
];

const moved = {
  count: 1,
  accesses: [{ appContainerId: 'app-1', environmentId: '210987654321', papId: 'pap-9' }],
  apps: [{ appContainerId: 'app-1', catalogAppDisplayName: 'Prod Cloud', catalogAppName: 'AWS' }],
  environments: [{ environmentId: '210987654321', environmentName: 'x', alternateEnvironmentName: 'Blue' }],
  profiles: [{ papId: 'pap-9', papName: 'Read Only' }],
};

const lost = (world: BritiveWorld): BritiveWorld => world.lists([]).posts({ status: 502 });

const ambiguous: readonly Row[] = [
  ['Ambiguous', 'a live row', 'Fetching', (w) => expectOf(lost(w).lists([w.row()]).tokens(), first)],
  ...each([...pendingOut, 'checkOutPondering'], (status) => [
    'Ambiguous',
    `a row that is ${status}`,
    'WaitOut',
    (w) => {
      const row = [w.row({ status })];
      // More of them than an ambiguous answer is worth looks.
      return expectOf(lost(w).lists(row, row, row, row, [w.row()]).tokens(), first);
    },
  ]),
  [
    'Ambiguous',
    'a row at the third look',
    'Fetching',
    (w) => expectOf(lost(w).lists([], [], [w.row()]).tokens(), first),
  ],
  ['Ambiguous', 'no row at three looks', 'Posting', (w) => expectOf(anew(lost(w).lists([], [], [])), second)],
  [
    'Ambiguous',
    'no row at three looks, twice',
    'Failed, in doubt',
    (w) => expectOf(lost(w).lists([], [], []).posts({ status: 502 }).lists([], [], []), { type: 'ambiguous' }),
  ],
  [
    'Ambiguous',
    'a 401',
    'a sign-in',
    (w) => expectOf(lost(w).on('GET', '/api/access/app-access-status', to('401', 'AU-0007')), { type: 'unauthorized' }),
  ],
];

const gated = (world: BritiveWorld): BritiveWorld => world.lists([]).refuses(403, 'PE-0028');

const stepUps: readonly Row[] = [
  [
    'StepUp',
    'SUCCEEDED',
    'Posting, at once',
    async (w) => {
      await expectOf(
        gated(w)
          .on('POST', stepUp, { body: { result: 'SUCCEEDED' } })
          .posts()
          .tokens(),
        first,
        person(),
      );
      const [, otp] = w.sentTo(target).map(({ at }) => at);
      expect(otp).toBe(w.sentTo(stepUp)[0]?.at);
    },
  ],
  ...(
    [
      ['FAILED', { body: { result: 'FAILED' } }],
      ['CHALLENGE', { body: { result: 'CHALLENGE' } }],
      ['a 401', { status: 401 }],
      ['AU-0009', to('400', 'AU-0009')],
    ] as const
  ).map(
    ([event, answer]): Row => [
      'StepUp',
      event,
      'NeedInput: otp',
      (w) => expectOf(gated(w).on('POST', stepUp, answer), denied('needs-otp'), person()),
    ],
  ),
  ['StepUp', 'nobody to ask', 'Failed, at once', (w) => expectOf(gated(w), denied('needs-otp'))],
  [
    'StepUp',
    'an answer that is lost',
    'Failed, and the password is spent',
    (w) => expectOf(gated(w).fails('POST', stepUp, 'ECONNRESET'), { type: 'transient' }, person()),
  ],
  [
    'StepUp',
    'PE-0028 after SUCCEEDED',
    'Failed',
    (w) =>
      expectOf(
        gated(w)
          .on('POST', stepUp, { body: { result: 'SUCCEEDED' } })
          .refuses(403, 'PE-0028'),
        denied('forbidden', 'again right after'),
        person(),
      ),
  ],
];

const barred = (world: BritiveWorld): BritiveWorld => world.lists([]).refuses(400, 'MA-0010');
const asked = (world: BritiveWorld): BritiveWorld =>
  barred(world).on('POST', request, { body: { requestId: 'req-1' } });
const state = (status: string) => ({ body: { requestId: 'req-1', resource: 'pap-1/210987654321', status } });

const approval: readonly Row[] = [
  [
    'RequestingApproval',
    'an empty answer',
    'Posting',
    (w) => expectOf(barred(w).on('POST', request, { body: null }).posts().tokens(), first, person()),
  ],
  [
    'RequestingApproval',
    'a request',
    'AwaitingApproval',
    (w) => expectOf(asked(w).on('GET', approvals, state('APPROVED')).posts().tokens(), first, person()),
  ],
  [
    'RequestingApproval',
    'an answer that is lost',
    'AwaitingApproval, of the request there is',
    (w) =>
      expectOf(
        barred(w)
          .fails('POST', request, 'ECONNRESET')
          .on('GET', requests, { body: [state('PENDING').body] })
          .on('GET', approvals, state('APPROVED'))
          .posts()
          .tokens(),
        first,
        person(),
      ),
  ],
  [
    'RequestingApproval',
    'MA-0011',
    'AwaitingApproval, of the request there is',
    (w) =>
      expectOf(
        barred(w)
          .on('POST', request, to('400', 'MA-0011'))
          .on('GET', requests, { body: [state('PENDING').body] })
          .on('GET', approvals, state('APPROVED'))
          .posts()
          .tokens(),
        first,
        person(),
      ),
  ],
  [
    'RequestingApproval',
    'a 403',
    'Failed',
    (w) => expectOf(barred(w).on('POST', request, to('403', 'PE-0002')), denied('forbidden'), person()),
  ],
  [
    'AwaitingApproval',
    'approved',
    'Posting, of the same body',
    async (w) => {
      await expectOf(
        asked(w).on('GET', approvals, state('PENDING')).on('GET', approvals, state('approved')).posts().tokens(),
        first,
        person(),
      );
      const [one, other] = w.sentTo(target).map(({ body }) => body);
      expect(other).toEqual(one);
    },
  ],
  ...each(['EXPIRED', 'TIMEOUT', 'WITHDRAWN', 'CANCELLED', 'REVOKED', 'PONDERED'], (status) => [
    'AwaitingApproval',
    status,
    'Failed, and the person is told',
    async (w) => {
      const waiting = person();
      await expectOf(asked(w).on('GET', approvals, state(status)), denied('not-approved', 'was not given'), waiting);
      expect(waiting.events.at(-1)).toEqual({ event: 'approval.ended', detail: `ended (${status.toLowerCase()})` });
    },
  ]),
  [
    'AwaitingApproval',
    'REJECTED',
    'Failed, and the person is told',
    async (w) => {
      const waiting = person();
      await expectOf(asked(w).on('GET', approvals, state('REJECTED')), denied('not-approved', 'was rejected'), waiting);
      expect(named(waiting).at(-1)).toBe('approval.rejected');
    },
  ],
  [
    'AwaitingApproval',
    'somebody who leaves',
    'Failed, withdrawn',
    async (w) => {
      const leaving = new AbortController();
      const leaver = wish({ justification: 'x' }, ({ event }) => {
        if (event === 'approval.waiting') leaving.abort();
      });
      asked(w).on('DELETE', approvals, { status: 204, body: null });
      expect(await w.acquire({ wish: leaver, signal: leaving.signal })).toMatchObject({ why: 'aborted' });
      expect(named(leaver).at(-1)).toBe('approval.withdrawn');
    },
  ],
];

const out = (world: BritiveWorld): BritiveWorld =>
  world.lists([]).posts({ body: world.row({ status: 'checkOutSubmitted' }) });

const waitOut: readonly Row[] = [
  ['WaitOut', 'a row that is checkedOut', 'Fetching', (w) => expectOf(out(w).lists([w.row()]).tokens(), first)],
  ['WaitOut', 'no row', 'WaitOut', (w) => expectOf(out(w).lists([], [], [w.row()]).tokens(), first)],
  ...each([...pendingOut, 'checkOutPondering'], (status) => [
    'WaitOut',
    `a row that is ${status}`,
    'WaitOut',
    (w) =>
      expectOf(
        out(w)
          .lists([w.row({ status })], [w.row()])
          .tokens(),
        first,
      ),
  ]),
  ...each(failedOut, (status) => [
    'WaitOut',
    `a row that is ${status}`,
    'Failed, in its words',
    (w) =>
      expectOf(out(w).lists([w.row({ status, errorMessage: 'quota' })]), denied('checkout-failed', 'failed: quota')),
  ]),
  ...each([...over, ...pendingIn, ...stuckIn], (status) => [
    'WaitOut',
    `a row that is ${status}`,
    'Failed, given back meanwhile',
    (w) =>
      expectOf(out(w).lists([w.row({ status })]), { type: 'transient', detail: expect.stringContaining('given back') }),
  ]),
  [
    'WaitOut',
    'a row that is checkedOut and has been checked in',
    'Failed, given back meanwhile',
    (w) =>
      expectOf(out(w).lists([w.row({ checkedIn: '2026-11-21T09:00:00Z' })]), { type: 'transient', why: 'aborted' }),
  ],
  [
    'WaitOut',
    '180 s',
    'Failed, for now, and the next one adopts it',
    async (w) => {
      out(w);
      const begun = w.clock.now();
      const rows = () => [w.row(w.clock.now() <= begun + seconds(180) ? { status: 'checkOutSubmitted' } : {})];
      w.agent.get(origin).intercept({ path: '/api/access/app-access-status' }).reply(200, rows).persist();
      await expectOf(w, { type: 'transient', why: 'timeout' });
      expect(w.clock.now() - begun).toBe(seconds(180));
      await expectOf(w.tokens(), first);
      expect(w.count('POST')).toBe(1);
    },
  ],
];

const fetching: readonly Row[] = [
  ['Fetching', 'complete fields', 'Ready', (w) => expectOf(w.lists([w.row()]).tokens(), first)],
  [
    'Fetching',
    'a 404',
    'Fetching',
    (w) => expectOf(w.lists([w.row()]).tokens({ status: 404 }).tokens({ status: 404 }).tokens(), first),
  ],
  [
    'Fetching',
    'an empty field, of a person with force',
    'CheckingIn, once',
    (w) => {
      w.lists([])
        .posts()
        .tokens({ body: { ...keys(), sessionToken: '' } });
      return expectOf(anew(w.on('PUT', checkin).lists([])), second, wish({ force: true }));
    },
  ],
  ...[person(), null].map(
    (asked): Row => [
      'Fetching',
      `an empty field, of a ${asked === null ? 'program' : 'person without force'}`,
      'Failed, and nothing is given back',
      (w) =>
        expectOf(
          w.lists([w.row()]).tokens({ body: { ...keys(), sessionToken: '' } }),
          denied('checkout-failed', 'once'),
          asked,
        ),
    ],
  ),
  [
    'Fetching',
    'MA-0008',
    'Checking',
    (w) => expectOf(anew(w.lists([w.row()]).tokens(to('400', 'MA-0008')).lists([])), second),
  ],
  [
    'Fetching',
    'MA-0008 twice',
    'Failed, for now',
    (w) =>
      expectOf(w.lists([w.row()]).tokens(to('400', 'MA-0008')).lists([w.row()]).tokens(to('400', 'MA-0008')), {
        ...{ type: 'transient', why: 'aborted' },
      }),
  ],
  [
    'Fetching',
    'a 401',
    'a sign-in',
    (w) => expectOf(w.lists([w.row()]).tokens({ status: 401 }), { type: 'unauthorized' }),
  ],
];

const groups = { checking, checkingIn, waitGone, postings, ambiguous, stepUps, approval, waitOut, fetching };

describe('the state machine', () => {
  it.each(Object.values(groups).flat())('%s, %s: %s', async (_from, _event, _to, go) => {
    await go(new BritiveWorld());
  });
});
