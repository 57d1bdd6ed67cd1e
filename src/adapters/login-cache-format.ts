/**
 * The AWS tools' file of an `aws login`, `~/.aws/login/cache/<sha256>.json`. botocore, the JavaScript SDK and Rust's read
 * the fields below; what else stands in a file is somebody's and is kept.
 */
import { hash } from 'node:crypto';
import { wireTime } from '../core/wire-time.ts';
import type { LoginRecord, LoginRefresh } from '../providers/aws-login/types.ts';
import type { JsonObject } from './json.ts';
import { objectOf, textOf } from './json.ts';
import { parseTime } from './sso-cache-format.ts';

/** Blanks around a session's name in the configuration do not count. */
export const loginCacheFileName = (loginSession: string): string => `${hash('sha256', loginSession.trim())}.json`;

/** Null without credentials. */
export const loginRecordOf = (file: JsonObject): LoginRecord | null => {
  const token = objectOf(file['accessToken']) ?? {};
  const accessKeyId = textOf(token['accessKeyId']);
  const secretAccessKey = textOf(token['secretAccessKey']);
  const sessionToken = textOf(token['sessionToken']);
  const expiresAt = parseTime(token['expiresAt']);
  if (accessKeyId === null || secretAccessKey === null || sessionToken === null || expiresAt === null) return null;
  const accountId = textOf(token['accountId']);
  const keys = { accessKeyId, secretAccessKey, sessionToken, accountId, expiresAt };
  return { ...keys, refresh: refreshOf(file), signInRegion: textOf(file['signInRegion']), file };
};

/** What `existing` holds beyond the renewed fields stays, in its place. */
export const loginFileOf = (record: LoginRecord, existing: JsonObject): string => {
  const { accessKeyId, secretAccessKey, sessionToken, accountId, refresh } = record;
  const accessToken = {
    ...objectOf(existing['accessToken']),
    accessKeyId,
    secretAccessKey,
    sessionToken,
    ...(accountId !== null && { accountId }),
    expiresAt: wireTime(record.expiresAt),
  };
  return JSON.stringify({ ...existing, accessToken, ...refresh });
};

const refreshOf = (file: JsonObject): LoginRefresh | null => {
  const clientId = textOf(file['clientId']);
  const refreshToken = textOf(file['refreshToken']);
  const dpopKey = textOf(file['dpopKey']);
  return clientId === null || refreshToken === null || dpopKey === null ? null : { clientId, refreshToken, dpopKey };
};
