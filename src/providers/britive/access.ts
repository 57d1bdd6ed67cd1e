/** The calls of a checkout, each `request…` beside its `parse…`. */

import type { JsonObject } from '../json-reply.ts';
import { textField } from '../json-reply.ts';
import { ask, get, post, put } from './ask.ts';
import type { Call } from './connection.ts';
import type { ApplicationKind, Tokens } from './payload.ts';
import { parseTokens as parseTokensOf } from './payload.ts';
import type { Parsed, Reply } from './reply.ts';
import { isObject, objectsOf, parse, quoted } from './reply.ts';
import type { AccessKey, CheckoutRow, CheckoutState } from './rows.ts';
import { parseRow, parseState } from './rows.ts';
import { path } from './segment.ts';

/** What a person adds to a checkout. */
export interface CheckoutInput {
  readonly justification: string | null;
  readonly ticketType: string | null;
  readonly ticketId: string | null;
}

export const requestCheckouts = (call: Call): Promise<Reply> => ask(call, get('/api/access/app-access-status'));

export const parseCheckouts = (reply: Reply): Parsed<readonly CheckoutRow[]> =>
  parse(reply, (body) =>
    objectsOf(body)
      ?.map(parseRow)
      .filter((row) => row !== null),
  );

export const requestCheckout = (call: Call, key: AccessKey, input: CheckoutInput): Promise<Reply> =>
  ask(
    call,
    post(
      path`/api/access/${key.papId}/environments/${key.environmentId}?accessType=${key.accessType}`,
      inputBody(input),
    ),
  );

export interface NewCheckout extends CheckoutState {
  readonly transaction: string;
}

export const parseCheckout = (reply: Reply): Parsed<NewCheckout> =>
  parse(reply, (body) => {
    const transaction = isObject(body) ? textField(body, 'transactionId') : null;
    return isObject(body) && transaction !== null ? { transaction, ...parseState(body) } : undefined;
  });

export const requestTokens = (call: Call, transaction: string): Promise<Reply> =>
  ask(call, get(path`/api/access/${transaction}/tokens`));

export const parseTokens = (reply: Reply, kind: ApplicationKind): Parsed<Tokens | 'incomplete'> =>
  parse(reply, (body) => parseTokensOf(kind, body));

export const requestConsoleUrl = (call: Call, transaction: string): Promise<Reply> =>
  ask(call, get(path`/api/access/${transaction}/url`));

/** An object or a bare string; never anything but https, since it is opened. */
export const parseConsoleUrl = (reply: Reply): Parsed<{ readonly value: string; readonly expiresAt: null }> =>
  parse(reply, (body) => {
    const url = isObject(body) ? textField(body, 'url') : body;
    if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
    return new URL(url).protocol === 'https:' ? { value: url, expiresAt: null } : undefined;
  });

export const requestCheckin = (call: Call, transaction: string): Promise<Reply> =>
  ask(call, put(path`/api/access/${transaction}?type=API`));

/** What has been given back before is given back; what the tenant does not know is `unknown` to it. */
export const parseCheckin = (reply: Reply): Parsed<'given-back' | 'unknown'> => {
  const parsed = parse(reply, () => 'given-back' as const);
  if (parsed.type !== 'refused') return parsed;
  if (parsed.class === 'already-in') return { type: 'ok', value: 'given-back' };
  return parsed.class === 'not-found' ? { type: 'ok', value: 'unknown' } : parsed;
};

export const requestExtension = (call: Call, transaction: string): Promise<Reply> =>
  ask(call, { method: 'PATCH', path: path`/api/access/extensions/${transaction}`, body: null });

export const parseExtension = (reply: Reply): Parsed<null> => parse(reply, () => null);

/** What the tenant wants to know at a checkout, and what was said when it was approved. */
export interface CheckoutSettings {
  readonly justificationRegex: string | null;
  readonly ticketTypes: readonly string[];
  readonly approved: CheckoutInput;
}

export const requestSettings = (call: Call, { papId, environmentId }: AccessKey): Promise<Reply> =>
  ask(call, get(path`/api/access/${papId}/environments/${environmentId}/settings`));

export const parseSettings = (reply: Reply): Parsed<CheckoutSettings> =>
  parse(reply, (body) => {
    if (!isObject(body)) return undefined;
    const types = part(body, 'itsmSetting')['supportedTicketTypes'];
    const approved = part(body, 'approvalRequestData');
    return {
      justificationRegex: quoted(part(body, 'justificationSetting'), 'justificationRegex'),
      ticketTypes: Array.isArray(types) ? types.filter(isWord) : [],
      approved: {
        justification: textField(approved, 'justification'),
        ticketType: textField(approved, 'ticketType'),
        ticketId: textField(approved, 'ticketId'),
      },
    };
  });

const isWord = (value: unknown): value is string => typeof value === 'string' && /^[\w .-]{1,40}$/.test(value);

const part = (body: JsonObject, name: string): JsonObject => {
  const value = body[name];
  return isObject(value) ? value : {};
};

/** Ticket fields count as a pair alone. */
export const inputBody = ({ justification, ticketType, ticketId }: CheckoutInput): JsonObject => ({
  ...(justification !== null && { justification }),
  ...(ticketType !== null && ticketId !== null && { ticketType, ticketId }),
});
