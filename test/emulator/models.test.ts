import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/emulator/index.ts';
import { assertMatchesModels, complaints, modelsAbsent } from '../support/aws-models.ts';
import { emulated } from '../support/emulated.ts';

const note = modelsAbsent === null ? '' : ` (skipped: ${modelsAbsent})`;

/** Real entries of a whole sign-in, to be spoiled one member at a time. */
const journalOf = async () => {
  const { emulator, oidc } = await emulated();
  const { accessToken } = await oidc.logIn(await oidc.register());
  await oidc.roleCredentials(accessToken);
  await oidc.roleCredentials('wrong');
  return emulator.journal;
};

type Answer = NonNullable<Entry['answer']>;

const withAnswer = (entry: Entry, change: (answer: Answer) => Partial<Answer>): Entry =>
  entry.answer === null ? entry : { ...entry, answer: { ...entry.answer, ...change(entry.answer) } };

const withBody = (entry: Entry, change: (body: Record<string, unknown>) => unknown): Entry =>
  withAnswer(entry, ({ body }) => ({ body: JSON.stringify(change(JSON.parse(body))) }));

const withRequest = (entry: Entry, change: Partial<Entry['request']>): Entry => ({
  ...entry,
  request: { ...entry.request, ...change },
});

describe.skipIf(modelsAbsent)(`the check against the service models${note}`, () => {
  it('has nothing to say about a correct journal', async () => {
    const journal = await journalOf();
    expect(() => assertMatchesModels(journal)).not.toThrow();
  });

  it.each<[string, number, (entry: Entry) => Entry, string]>([
    [
      'a required member left out',
      2,
      (entry) => withRequest(entry, { body: '{"clientId":"x","clientSecret":"y"}' }),
      'request lacks grantType',
    ],
    [
      'a member of another name',
      2,
      (entry) => withRequest(entry, { body: entry.request.body.replace('deviceCode', 'device_code') }),
      'request has an unknown member device_code',
    ],
    ['a header left out', 3, (entry) => withRequest(entry, { headers: {} }), 'request lacks accessToken'],
    [
      'a parameter of another name',
      3,
      (entry) => withRequest(entry, { query: new URLSearchParams('roleName=a&account_id=b') }),
      'request lacks roleName',
    ],
    [
      'another path',
      3,
      (entry) => withRequest(entry, { path: '/portal/credentials' }),
      'request is GET /credentials, not GET /federation/credentials',
    ],
    [
      'another method',
      0,
      (entry) => withRequest(entry, { method: 'PUT' }),
      'request is PUT /client/register, not POST /client/register',
    ],
    [
      'text for a number',
      2,
      (entry) => withBody(entry, (body) => ({ ...body, expiresIn: 'soon' })),
      'answer.expiresIn is not an integer',
    ],
    [
      'an answer member nobody knows',
      1,
      (entry) => withBody(entry, (body) => ({ ...body, user_code: 'x' })),
      'answer has an unknown member user_code',
    ],
    [
      'an error with another status',
      4,
      (entry) => withAnswer(entry, () => ({ status: 403 })),
      'answers UnauthorizedException with 403 instead of 401',
    ],
    [
      'an error without its header',
      4,
      (entry) => withAnswer(entry, () => ({ headers: { 'x-amzn-requestid': '1' } })),
      'answers with the unknown error ""',
    ],
    [
      'no request identifier',
      0,
      (entry) => withAnswer(entry, () => ({ headers: {} })),
      'answer lacks x-amzn-RequestId',
    ],
  ])('finds %s', async (_what, index, spoil, complaint) => {
    const entry = (await journalOf()).entries[index];
    if (entry === undefined) throw new Error('no such entry');
    expect(complaints(entry)).toEqual([]);
    const spoiled = spoil(entry);
    expect(complaints(spoiled)).toContain(`${entry.operation} ${complaint}`);
    expect(() => assertMatchesModels({ entries: [spoiled] })).toThrow(complaint);
  });
});
