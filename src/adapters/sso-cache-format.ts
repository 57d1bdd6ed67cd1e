/**
 * The AWS tools' token file, `~/.aws/sso/cache/<sha1>.json`. They read the eight fields below and agree on one way to
 * write a time; what else stands in a file is somebody's and is kept.
 */
import { hash } from 'node:crypto';
import type { ClientRegistration, EpochMs, SessionRecord } from '../core/types.ts';
import { epoch } from '../core/types.ts';
import { wireTime } from '../core/wire-time.ts';
import type { JsonObject } from './json.ts';
import { textOf } from './json.ts';

export interface SsoCacheIdentity {
  readonly startUrl: string;
  readonly region: string;
}

/** `key` is the session's name, or the start URL of a legacy profile exactly as configured. */
export const ssoCacheFileName = (key: string): string => `${hash('sha1', key)}.json`;

/** Null where the two required fields are missing or unreadable. */
export const recordOf = (file: JsonObject): SessionRecord | null => {
  const accessToken = textOf(file['accessToken']);
  const expiresAt = parseTime(file['expiresAt']);
  if (accessToken === null || expiresAt === null) return null;
  const refreshToken = textOf(file['refreshToken']);
  return {
    accessToken,
    expiresAt,
    refreshToken: refreshToken === notRefreshable ? null : refreshToken,
    client: clientOf(file),
    region: textOf(file['region']),
    tokenType: null,
    idToken: null,
  };
};

/** What `existing` holds beyond the known fields stays. */
export const fileOf = (record: SessionRecord, identity: SsoCacheIdentity, existing: JsonObject): string => {
  const {
    accessToken: _a,
    refreshToken: _r,
    clientId: _i,
    clientSecret: _s,
    registrationExpiresAt: _e,
    ...others
  } = existing;
  const { client, refreshToken } = record;
  const content = {
    ...others,
    startUrl: identity.startUrl,
    region: record.region ?? identity.region,
    accessToken: record.accessToken,
    expiresAt: wireTime(record.expiresAt),
    ...(client !== null && {
      clientId: client.clientId,
      clientSecret: client.clientSecret,
      registrationExpiresAt: wireTime(client.expiresAt),
    }),
    ...(refreshToken !== null && { refreshToken }),
  };
  return JSON.stringify(content);
};

/** What some tools write in the place of a refresh token they do not have. */
const notRefreshable = 'auto-login';

const clientOf = (file: JsonObject): ClientRegistration | null => {
  const clientId = textOf(file['clientId']);
  const clientSecret = textOf(file['clientSecret']);
  const expiresAt = parseTime(file['registrationExpiresAt']);
  // Like botocore, which refreshes only with all three.
  return clientId === null || clientSecret === null || expiresAt === null
    ? null
    : { clientId, clientSecret, expiresAt };
};

// JavaScript writes fractions, others offsets; old versions of the AWS CLI wrote `UTC`, and some nothing, meaning UTC.
const timePattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|UTC|[+-]\d\d:?\d\d)?$/i;

/** A time as any of the AWS tools writes it; null for anything else. */
export const parseTime = (value: unknown): EpochMs | null => {
  const [, date, time, zone = 'Z'] = (typeof value === 'string' ? timePattern.exec(value) : null) ?? [];
  if (date === undefined || time === undefined) return null;
  const offset = /^[+-]/.test(zone) ? zone.replace(/^(...)(\d\d)$/, '$1:$2') : 'Z';
  const ms = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(ms) ? null : epoch(ms);
};
