/**
 * What a helper prints: one JSON object and nothing else, as the strictest SDKs want it. Neither the object nor a part of
 * it is ever quoted: the Go SDK's message for a document that it cannot read holds the keys.
 */
import { type Credentials, type EpochMs, epoch, type Verdict } from '../../core/types.ts';
import { type JsonObject, textField } from '../json-reply.ts';
import { denied } from './verdicts.ts';

/**
 * Of credentials that name no end. The SDKs keep such ones for as long as their program runs, and a broker runs for weeks;
 * no session of STS is shorter than this.
 */
const unnamedLifeMs = 15 * 60_000;

/** `startedAt` is when the helper was started: no credentials are younger. */
export const parseDocument = (stdout: string, startedAt: EpochMs, now: EpochMs): Verdict<Credentials> => {
  if (stdout.trim() === '') return denied('the helper printed nothing');
  const document = parseObject(stdout);
  if (document === null) return denied('the helper printed something else than one JSON object');
  if (document['Version'] !== 1) return denied('the helper printed no "Version": 1');
  const keys = keysIn(document);
  if (keys.type !== 'ok') return keys;
  const expiresAt = expiryIn(document, startedAt);
  if (expiresAt === null) return denied('the helper printed an "Expiration" that is no RFC 3339 time');
  if (expiresAt <= now) return denied(`the helper printed credentials that ended at ${new Date(expiresAt).toJSON()}`);
  const accountId = textField(document, 'AccountId');
  return { type: 'ok', value: { ...keys.value, expiresAt, accountId, roleArn: null, transaction: null } };
};

const parseObject = (text: string): JsonObject | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
};

type Keys = Pick<Credentials, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;

const keysIn = (document: JsonObject): Verdict<Keys> => {
  const accessKeyId = textField(document, 'AccessKeyId');
  const secretAccessKey = textField(document, 'SecretAccessKey');
  const sessionToken = textField(document, 'SessionToken');
  if (accessKeyId === null) return denied('the helper printed no "AccessKeyId"');
  if (secretAccessKey === null) return denied('the helper printed no "SecretAccessKey"');
  if (sessionToken === null) {
    return denied('the helper printed keys without "SessionToken", and long-lived keys are not handed out');
  }
  const isClean = [accessKeyId, secretAccessKey, sessionToken].every((value) => /^[\x21-\x7e]+$/.test(value));
  if (!isClean) return denied('the helper printed keys with spaces or control characters in them');
  return { type: 'ok', value: { accessKeyId, secretAccessKey, sessionToken } };
};

/** With the zone: without one, botocore fails, and JavaScript takes it for the local time. */
const rfc3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

const expiryIn = (document: JsonObject, startedAt: EpochMs): EpochMs | null => {
  const value = document['Expiration'] ?? null;
  if (value === null || value === '') return epoch(startedAt + unnamedLifeMs);
  if (typeof value !== 'string' || !rfc3339.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : epoch(at);
};
