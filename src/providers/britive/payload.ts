/** What a checkout yields, by the kind of its application. Every kind has its own idea of JSON. */
import type { JsonObject } from '../json-reply.ts';
import { textField } from '../json-reply.ts';
import { isObject } from './reply.ts';
import { parseTime } from './timestamps.ts';
import type { EpochMs } from './types.ts';

export type ApplicationKind = 'aws' | 'azure' | 'gcp' | 'kubernetes' | 'other';

export type Payload =
  | {
      readonly kind: 'aws';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken: string;
      readonly region: string | null;
    }
  | {
      readonly kind: 'azure';
      readonly tenantId: string;
      readonly appId: string;
      readonly secretText: string;
      /** Ready to paste, as Britive words them. */
      readonly cliLogin: string | null;
      readonly powershellScript: string | null;
    }
  /** `keyFile` is a service account's key as gcloud reads it. */
  | { readonly kind: 'gcp'; readonly clientEmail: string; readonly keyFile: string }
  | { readonly kind: 'kubernetes'; readonly token: string }
  | { readonly kind: 'other'; readonly fields: Readonly<Record<string, string>> };

export interface Tokens {
  readonly value: Payload;
  readonly expiresAt: EpochMs | null;
}

const kinds: Readonly<Record<string, ApplicationKind>> = {
  aws: 'aws',
  'aws standalone': 'aws',
  azure: 'azure',
  gcp: 'gcp',
  'gcp standalone': 'gcp',
  kubernetes: 'kubernetes',
};

/** From `catalogAppName`, an open set. */
export const kindOf = (catalogueName: string | null): ApplicationKind => {
  const name = catalogueName?.trim().toLowerCase().replaceAll('_', ' ') ?? '';
  return Object.hasOwn(kinds, name) ? (kinds[name] ?? 'other') : 'other';
};

/** `incomplete` has the right shape without a value that should be in it; undefined has another shape. */
export const parseTokens = (kind: ApplicationKind, body: unknown): Tokens | 'incomplete' | undefined => {
  if (!isObject(body)) return undefined;
  const fields = lowerCased(body);
  const value = parsers[kind](kind === 'azure' || kind === 'gcp' ? wrapped(body) : body, fields);
  if (value === undefined || value === 'incomplete') return value;
  return { value, expiresAt: parseTime(fields['expirationtime'] ?? fields['expiration']) };
};

type Parser = (body: JsonObject, fields: JsonObject) => Payload | 'incomplete' | undefined;

const parsers: Readonly<Record<ApplicationKind, Parser>> = {
  aws: (_body, fields) => {
    const accessKeyId = textField(fields, 'accesskeyid');
    const secretAccessKey = textField(fields, 'secretaccesskey');
    const sessionToken = textField(fields, 'sessiontoken');
    if (accessKeyId === null || secretAccessKey === null || sessionToken === null) return 'incomplete';
    return { kind: 'aws', accessKeyId, secretAccessKey, sessionToken, region: textField(fields, 'region') };
  },
  azure: (body) => {
    const tenantId = textField(body, 'tenantId');
    const appId = textField(body, 'appId');
    const secretText = textField(body, 'secretText');
    if (tenantId === null || appId === null || secretText === null) return 'incomplete';
    const texts = { cliLogin: textField(body, 'cliLogin'), powershellScript: textField(body, 'powershellScript') };
    return { kind: 'azure', tenantId, appId, secretText, ...texts };
  },
  gcp: (body) => {
    const clientEmail = textField(body, 'client_email');
    return clientEmail === null ? 'incomplete' : { kind: 'gcp', clientEmail, keyFile: JSON.stringify(body) };
  },
  kubernetes: (body) => {
    const token = textField(body, 'jwt');
    return token === null ? 'incomplete' : { kind: 'kubernetes', token };
  },
  other: (body) => {
    const texts = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
    const fields = texts.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
    return texts.length === 0 ? 'incomplete' : { kind: 'other', fields: Object.fromEntries(fields) };
  },
};

/** Azure and GCP put a JSON text under the only key. */
const wrapped = (body: JsonObject): JsonObject => {
  const [only, ...others] = Object.values(body);
  if (typeof only !== 'string' || others.length > 0) return body;
  try {
    const value: unknown = JSON.parse(only);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
};

/** AWS names come in more than one spelling. */
const lowerCased = (body: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]));
