/** The keys of an application that is not AWS's, in the forms that `checkout -o` prints. */
import { BrokerError } from '../core/errors.ts';
import { shellLines } from './shell-text.ts';

export interface ApplicationKeys {
  readonly profile: string;
  /** `azure`, `gcp`, `kubernetes`, or any other. */
  readonly kind: string;
  /** Each as upstream names it. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Ends in a line break. Throws for a format that only AWS credentials have, and for what no variable can hold. */
export function renderApplication(format: string, keys: ApplicationKeys): string {
  if (format === 'json') return `${JSON.stringify(keys.fields, null, 2)}\n`;
  const shell = format === 'env' ? 'sh' : format;
  if (shell !== 'sh' && shell !== 'fish' && shell !== 'powershell') {
    const next = `Run: credbroker checkout ${keys.profile} -o json`;
    throw new BrokerError('BadRequest', `Profile "${keys.profile}" has no AWS credentials for "${format}". ${next}`);
  }
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
  const next = `Run: credbroker checkout ${profile} -o json`;
  throw new BrokerError('UpstreamMalformed', `Profile "${profile}" has a field that no variable can hold. ${next}`);
}
