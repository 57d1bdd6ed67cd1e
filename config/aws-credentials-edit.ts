/**
 * Edits one section of the AWS credentials file and nothing else: comments, order, line ends, other sections and the
 * section's own other keys stay as they are. Every result is read back before it is handed out.
 */
import { BrokerError } from '../src/core/errors.ts';
import { parseIni } from './aws-ini.ts';
import type { IniLine } from './ini-lines.ts';
import { iniLines, indentOf } from './ini-lines.ts';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Null leaves the section's region alone. */
  readonly region: string | null;
}

const credentialKeys = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'] as const;
/** Botocore prefers it to `aws_session_token`: beside new keys an old one would spoil them. */
const legacyToken = 'aws_security_token';

/** Null is a file that is not there. Throws a `BrokerError` for names and values that no AWS tool could read back. */
export const withCredentials = (before: string | null, section: string, keys: AwsKeys): string => {
  refuseName(section);
  const values = valuesOf(keys);
  for (const value of values.values()) refuseValue(section, value);
  const lines = iniLines(before ?? '');
  const isThere = lines.some((line) => line.kind === 'header' && line.section === section);
  const after = isThere ? updated(lines, section, values) : appended(lines, section, values);
  return readBack({ before: before ?? '', after, section, values });
};

/** Takes the keys away, the section too where nothing else is in it. `region` is the one that was written with them. */
export const withoutCredentials = (before: string, section: string, region: string | null): string => {
  const lines = iniLines(before);
  const gone = new Set<string>([...credentialKeys, legacyToken]);
  if (region !== null && valuesIn(before, section).get('region') === region) gone.add('region');
  const left = lines.filter((line) => line.section !== section || line.key === null || !gone.has(line.key));
  return readBack({ before, after: joined(withoutEmpty(left, section)), section, values: new Map() });
};

/** The access key ID of a section that has everything a client needs, null for any other. */
export const heldAccessKeyId = (text: string, section: string): string | null => {
  const values = valuesIn(text, section);
  return credentialKeys.every((key) => values.get(key)) ? (values.get('aws_access_key_id') ?? null) : null;
};

type Values = ReadonlyMap<string, string>;

const valuesOf = (keys: AwsKeys): Values =>
  new Map([
    ['aws_access_key_id', keys.accessKeyId],
    ['aws_secret_access_key', keys.secretAccessKey],
    ['aws_session_token', keys.sessionToken],
    ...(keys.region === null ? [] : [['region', keys.region] as const]),
  ]);

/** A name that some tool takes for something else: a copy into every section, a prefix, the end of the header. */
const refuseName = (section: string): void => {
  const isStrange = section === '' || section !== section.trim() || /[\p{C}\p{Zl}\p{Zp}[\]"'#;\\]/u.test(section);
  const isTaken = ['DEFAULT', '__proto__'].includes(section) || /^(profile|sso-session|services)\s/.test(section);
  if (!isStrange && !isTaken) return;
  const name = JSON.stringify(section).slice(1, -1);
  throw new BrokerError('BadRequest', `"${name}" cannot name a section of the credentials file. Rename the profile`);
};

/** A line break in a value would forge lines; a space before "#" would begin a comment in some tools and not in others. */
const refuseValue = (section: string, value: string): void => {
  if (/^[\x21-\x7e]+$/.test(value)) return;
  throw new BrokerError('UpstreamMalformed', `Upstream sent credentials for "${section}" that no client could use`);
};

const appended = (lines: readonly IniLine[], section: string, values: Values): string => {
  const end = lineEnd(lines);
  const before = joined(lines);
  const last = lines.at(-1);
  const gap = `${last?.end === '' ? end : ''}${last === undefined || last.kind === 'blank' ? '' : end}`;
  const pairs = [...values].map(([key, value]) => `${key} = ${value}${end}`);
  return `${before}${gap}[${section}]${end}${pairs.join('')}`;
};

/** Each key in its place, the new ones below the last of them, a key that stands twice only where it counts. */
const updated = (lines: readonly IniLine[], section: string, values: Values): string => {
  const isOurs = (line: IniLine): boolean =>
    line.section === section && line.key !== null && (values.has(line.key) || line.key === legacyToken);
  const places = new Map<string, number>();
  lines.forEach((line, at) => {
    if (isOurs(line) && line.kind === 'key' && line.key !== legacyToken) places.set(line.key ?? '', at);
  });
  const header = lines.findLastIndex((line) => line.kind === 'header' && line.section === section);
  const anchor = Math.max(header, ...places.values());
  const missing = [...values].filter(([key]) => !places.has(key));
  const indent = indentOfKeys(lines, section, anchor);
  const end = lineEnd(lines);
  return lines
    .map((line, at) => {
      const kept = isOurs(line) && places.get(line.key ?? '') !== at ? '' : replaced(line, values, isOurs(line)) + line.end;
      if (at !== anchor) return kept;
      const added = missing.map(([key, value]) => `${indent}${key} = ${value}${end}`).join('');
      return added === '' || line.end !== '' ? kept + added : kept + end + added;
    })
    .join('');
};

/** Another indent would make the next key a continuation of ours, or ours one of the last. */
const indentOfKeys = (lines: readonly IniLine[], section: string, anchor: number): string => {
  const isKey = (line: IniLine | undefined): boolean => line?.kind === 'key' && line.section === section;
  const like = isKey(lines[anchor]) ? lines[anchor] : lines.slice(anchor).find((line) => isKey(line));
  return like === undefined ? '' : indentOf(like.text);
};

/** Keeps the indent and the writer's habit of spaces around the delimiter. */
const replaced = (line: IniLine, values: Values, isOurs: boolean): string => {
  if (!isOurs) return line.text;
  const delimiter = /\s*[=:][^\S\r\n]*/.exec(line.text)?.[0] ?? ' = ';
  return `${indentOf(line.text)}${line.key}${delimiter}${values.get(line.key ?? '')}`;
};

/** Where a comment or a key is left between the header and the last line of the section, somebody still wants it. */
const withoutEmpty = (lines: readonly IniLine[], section: string): readonly IniLine[] => {
  const left = [...lines];
  for (let at = left.length - 1; at >= 0; at--) {
    const line = left[at];
    if (line?.kind !== 'header' || line.section !== section) continue;
    const next = left.findIndex((other, index) => index > at && other.kind === 'header');
    const body = left.slice(at + 1, next === -1 ? undefined : next);
    if (body.some((other) => other.kind !== 'blank' && other.kind !== 'comment')) continue;
    if (isCommented(body)) continue;
    // The blank line that set it off goes with it.
    const gap = left[at - 1]?.kind === 'blank' ? 1 : 0;
    left.splice(at - gap, 1 + gap);
  }
  return left;
};
