/**
 * The AWS tools' token file, `~/.aws/sso/cache/<sha1>.json`. They read the eight fields below and agree on one way to
 * write a time; what else stands in a file is somebody's and is kept.
 */
import { createHash } from 'node:crypto';
import type { ClientRegistration, EpochMs, SessionRecord } from '../core/types.ts';
import { epoch } from '../core/types.ts';

export type SsoCacheFile = Readonly<Record<string, unknown>>;

export interface SsoCacheIdentity {
  readonly startUrl: string;
  readonly region: string;
}

/** `key` is the session's name, or the start URL of a legacy profile exactly as configured. */
export const ssoCacheFileName = (key: string): string => `${createHash('sha1').update(key).digest('hex')}.json`;

/** Null for what is not yet, or no longer, a JSON object. */
export const parseSsoCacheFile = (text: string): SsoCacheFile | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as SsoCacheFile) : null;
  } catch {
    return null;
  }
};

/** Null where the two required fields are missing or unreadable. */
export const recordOf = (file: SsoCacheFile): SessionRecord | null => {
  const accessToken = text(file['accessToken']);
  const expiresAt = parseTime(file['expiresAt']);
  if (accessToken === null || expiresAt === null) return null;
  const refreshToken = text(file['refreshToken']);
  return {
    accessToken,
    expiresAt,
    refreshToken: refreshToken === notRefreshable ? null : refreshToken,
    client: clientOf(file),
    region: text(file['region']),
  };
};

/** What `existing` holds beyond the known fields stays. */
export const fileOf = (record: SessionRecord, identity: SsoCacheIdentity, existing: SsoCacheFile): string => {
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
    expiresAt: formatTime(record.expiresAt),
    ...(client !== null && {
      clientId: client.clientId,
      clientSecret: client.clientSecret,
      registrationExpiresAt: formatTime(client.expiresAt),
    }),
    ...(refreshToken !== null && { refreshToken }),
  };
  return JSON.stringify(content);
};

/** What some tools write in the place of a refresh token they do not have. */
const notRefreshable = 'auto-login';

const clientOf = (file: SsoCacheFile): ClientRegistration | null => {
  const clientId = text(file['clientId']);
  const clientSecret = text(file['clientSecret']);
  const expiresAt = parseTime(file['registrationExpiresAt']);
  // Like botocore, which refreshes only with all three.
  return clientId === null || clientSecret === null || expiresAt === null
    ? null
    : { clientId, clientSecret, expiresAt };
};

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

// JavaScript writes fractions, others offsets; old versions of the AWS CLI wrote `UTC`, and some nothing, meaning UTC.
const timePattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|UTC|[+-]\d\d:?\d\d)?$/i;

const parseTime = (value: unknown): EpochMs | null => {
  const [, date, time, zone = 'Z'] = (typeof value === 'string' ? timePattern.exec(value) : null) ?? [];
  if (date === undefined || time === undefined) return null;
  const offset = /^[+-]/.test(zone) ? zone.replace(/^(...)(\d\d)$/, '$1:$2') : 'Z';
  const ms = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(ms) ? null : epoch(ms);
};

/** Seconds and `Z`, the one form that every AWS tool reads; rounded down, never later than the truth. */
const formatTime = (at: EpochMs): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
