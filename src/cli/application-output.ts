/** The keys of an application that is not AWS's, in the forms that `checkout -o` prints. */
import { BrokerError } from '../core/errors.ts';
import { shellLines, shellWord } from './shell-text.ts';

export interface ApplicationKeys {
  readonly profile: string;
  /** `azure`, `gcp`, `kubernetes`, or any other. */
  readonly kind: string;
  /** Each as upstream names it. */
  readonly fields: Readonly<Record<string, string>>;
}

/** From a `payload` document. Throws where there is nothing in it that could be printed. */
export function applicationKeysOf(profile: string, document: Readonly<Record<string, unknown>>): ApplicationKeys {
  const { kind, ...own } = document;
  const nested = own['fields'];
  const all = kind === 'other' && typeof nested === 'object' && nested !== null ? nested : own;
  const fields = Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (typeof kind === 'string' && fields.length > 0) return { profile, kind, fields: Object.fromEntries(fields) };
  throw new BrokerError('UpstreamMalformed', `Upstream sent nothing for "${profile}". Run: credbroker status`);
}

export const noAwsCredentials = (profile: string, format: string): BrokerError => {
  const next = `Run: credbroker checkout ${shellWord(profile)} -o json`;
  return new BrokerError('BadRequest', `Profile "${profile}" has no AWS credentials for "${format}". ${next}`);
};

/** Ends in a line break. Throws for a format that only AWS credentials have, and for what no variable can hold. */
export function renderApplication(format: string, keys: ApplicationKeys): string {
  if (format === 'json') return `${JSON.stringify(keys.fields, null, 2)}\n`;
  const shell = format === 'env' ? 'sh' : format;
  if (shell !== 'sh' && shell !== 'fish' && shell !== 'powershell') throw noAwsCredentials(keys.profile, format);
  const set = variablesOf(keys);
  for (const [name, value] of Object.entries(set)) refuse(keys.profile, name, value);
  return shellLines(shell, { set, unset: [] });
}

const keyFileVariable = 'GOOGLE_CREDENTIALS';

/** The names that the clouds' own tools and Terraform read. */
const known: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  azure: { tenantId: 'AZURE_TENANT_ID', appId: 'AZURE_CLIENT_ID', secretText: 'AZURE_CLIENT_SECRET' },
  gcp: { keyFile: keyFileVariable },
};

function variablesOf({ kind, fields }: ApplicationKeys): Readonly<Record<string, string>> {
  const names = Object.hasOwn(known, kind) ? known[kind] : undefined;
  const named = Object.entries(fields).flatMap(([field, value]) => {
    const name = names === undefined ? `BRITIVE_${upperSnake(field)}` : names[field];
    if (name === undefined) return [];
    return [[name, name === keyFileVariable ? onOneLine(value) : value] as const];
  });
  return Object.fromEntries(named);
}

/** Only ever behind a prefix of ours: upstream shall not set `PATH`. */
const upperSnake = (field: string): string =>
  field
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();

/** A key file in JSON may come with line breaks that mean nothing. */
function onOneLine(value: string): string {
  try {
    return JSON.stringify(JSON.parse(value));
  } catch {
    return value;
  }
}

function refuse(profile: string, name: string, value: string): void {
  if (/^[A-Z_][A-Z0-9_]*$/.test(name) && !/[\p{Cc}\p{Cs}]/u.test(value)) return;
  const next = `Run: credbroker checkout ${shellWord(profile)} -o json`;
  throw new BrokerError('UpstreamMalformed', `Profile "${profile}" has a field that no variable can hold. ${next}`);
}
