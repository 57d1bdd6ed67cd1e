/**
 * Edits one section of the AWS credentials file and nothing else: comments, order, line ends, other sections and the
 * section's own other keys stay as they are. Every result is read back before it is handed out.
 */
import { BrokerError } from '../src/core/errors.ts';
import { parseIni } from './aws-ini.ts';
import type { IniLine } from './ini-lines.ts';
import { indentOf, iniLines } from './ini-lines.ts';

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
  return readBack({ before: before ?? '', after, section, values, touched: new Set([...values.keys(), legacyToken]) });
};

/** Takes the keys away, the section too where nothing else is in it. `region` is the one that was written with them. */
export const withoutCredentials = (before: string, section: string, region: string | null): string => {
  const lines = iniLines(before);
  const gone = new Set<string>([...credentialKeys, legacyToken]);
  if (region !== null && valuesIn(before, section).get('region') === region) gone.add('region');
  const left = lines.filter((line) => line.section !== section || line.key === null || !gone.has(line.key));
  return readBack({ before, after: joined(withoutEmpty(left, section)), section, values: new Map(), touched: gone });
};

/** The access key ID of a section that has everything a client needs, null for any other. */
export const heldAccessKeyId = (text: string, section: string): string | null => {
  const values = valuesIn(text, section);
  return credentialKeys.every((key) => values.get(key)) ? (values.get('aws_access_key_id') ?? null) : null;
};

/** Whether keys without an end stand there: a person's own, which nothing could bring back. */
export const holdsLongLivedKeys = (text: string, section: string): boolean => {
  const values = valuesIn(text, section);
  const has = (key: string): boolean => Boolean(values.get(key));
  const isTemporary = has('aws_session_token') || has(legacyToken);
  return !isTemporary && (has('aws_access_key_id') || has('aws_secret_access_key'));
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

/** Each key in its place, new ones below the last of them; one that stands twice, and what continued it, goes. */
const updated = (lines: readonly IniLine[], section: string, values: Values): string => {
  const places = new Map([...values].map(([key, value]) => [lastKey(lines, section, key), value]));
  places.delete(-1);
  const header = lines.findLastIndex((line) => line.kind === 'header' && line.section === section);
  const anchor = Math.max(header, ...places.keys());
  const missing = [...values].filter(([key]) => lastKey(lines, section, key) === -1);
  const [indent, end] = [indentOfKeys(lines, anchor), lineEnd(lines)];
  const added = missing.map(([key, value]) => `${indent}${key} = ${value}${end}`).join('');
  const isOld = ({ section: own, key }: IniLine): boolean =>
    own === section && key !== null && (values.has(key) || key === legacyToken);
  const edited = lines.map((line, at) => {
    const value = places.get(at);
    if (value === undefined && isOld(line)) return '';
    const whole = (value === undefined ? line.text : withValue(line, value)) + line.end;
    if (at !== anchor || added === '') return whole;
    return whole + (line.end === '' ? end : '') + added;
  });
  return edited.join('');
};

const lastKey = (lines: readonly IniLine[], section: string, key: string): number =>
  lines.findLastIndex((line) => line.kind === 'key' && line.section === section && line.key === key);

/** Another indent would make the next line a continuation of ours, or ours one of the last. */
const indentOfKeys = (lines: readonly IniLine[], anchor: number): string => {
  const isKey = lines[anchor]?.kind === 'key';
  const like = lines.find(({ kind }, at) =>
    isKey ? at === anchor : at > anchor && kind !== 'blank' && kind !== 'comment',
  );
  return like === undefined ? '' : indentOf(like.text);
};

/** Keeps the indent and the writer's habit of spaces around the delimiter. */
const withValue = ({ text, key }: IniLine, value: string): string => {
  const delimiter = /\s*[=:][^\S\r\n]*/.exec(text)?.[0] ?? ' = ';
  return `${indentOf(text)}${key}${delimiter}${value}`;
};

/** Without the section's headers that nothing is left below. */
const withoutEmpty = (lines: readonly IniLine[], section: string): readonly IniLine[] => {
  const left = [...lines];
  for (let at = left.length - 1; at >= 0; at--) {
    if (left[at]?.kind !== 'header' || left[at]?.section !== section) continue;
    const next = left.findIndex((line, index) => index > at && line.kind === 'header');
    if (!isEmpty(left.slice(at + 1, next === -1 ? left.length : next))) continue;
    // The blank line that set it off goes with it.
    const [from, to] =
      left[at - 1]?.kind === 'blank' ? [at - 1, at] : [at, left[at + 1]?.kind === 'blank' ? at + 1 : at];
    left.splice(from, to - from + 1);
  }
  return left;
};

/** A comment right below the header is about this section, one after a blank line about the next. */
const isEmpty = (body: readonly IniLine[]): boolean =>
  body[0]?.kind !== 'comment' && body.every(({ kind }) => kind === 'blank' || kind === 'comment');

const joined = (lines: readonly IniLine[]): string => lines.map(({ text, end }) => text + end).join('');

const lineEnd = (lines: readonly IniLine[]): string => lines[0]?.end || '\n';

/** By key; of a section that stands twice the last value, as most tools take it. */
const valuesIn = (text: string, section: string): Values => {
  const found = parseIni(text, '').sections.filter(({ header }) => header === section);
  return new Map(found.flatMap(({ keys }) => [...keys].map(([key, { raw }]) => [key, raw] as const)));
};

interface Edit {
  readonly before: string;
  readonly after: string;
  readonly section: string;
  /** What the touched keys say now; the others of them are gone. */
  readonly values: Values;
  readonly touched: ReadonlySet<string>;
}

/** The edited text, once it is known to say what it should and to have changed nothing else. */
const readBack = ({ before, after, section, values, touched }: Edit): string => {
  const written = valuesIn(after, section);
  const others = (text: string): string => otherKeys(text, section, touched);
  if ([...touched].every((key) => written.get(key) === values.get(key)) && others(before) === others(after))
    return after;
  throw new BrokerError('Failed', `The section "${section}" cannot be edited safely. Run: credbroker config check`);
};

const otherKeys = (text: string, section: string, touched: ReadonlySet<string>): string => {
  const keys = parseIni(text, '').sections.flatMap((found) =>
    [...found.keys]
      .filter(([key]) => found.header !== section || !touched.has(key))
      .map(([key, { raw, nested }]) => [
        found.header,
        key,
        raw,
        [...(nested ?? [])].map(([name, { raw }]) => [name, raw]),
      ]),
  );
  return JSON.stringify(keys);
};
