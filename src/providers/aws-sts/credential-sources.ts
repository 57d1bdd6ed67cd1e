/** What `credential_source` of `~/.aws/config` names: credentials that stand in no profile. */
import type { Verdict } from '../../core/types.ts';
import { transient, transientOf } from '../failures.ts';
import { type Http, type HttpRequest, send } from '../http.ts';
import { type JsonObject, readJson, textField } from '../json-reply.ts';
import type { SigningKeys } from '../sigv4.ts';
import { denied } from './errors.ts';

export type CredentialSource = 'Environment' | 'EcsContainer' | 'Ec2InstanceMetadata';

export interface SourceDependencies extends Http {
  /** Of the environment, null where it is not set. */
  readonly variable: (name: string) => string | null;
  /** Null where the file cannot be read. */
  readonly readText: (path: string) => Promise<string | null>;
  /** Whether this broker itself answers there, who would then wait for itself. */
  readonly isOwnUrl: (url: URL) => boolean;
}

/** Read anew every time. Never throws. */
export const readCredentialSource = async (
  dependencies: SourceDependencies,
  source: CredentialSource,
  signal: AbortSignal,
): Promise<Verdict<SigningKeys>> => {
  switch (source) {
    case 'Environment':
      return fromEnvironment(dependencies);
    case 'EcsContainer':
      return fromContainer(dependencies, signal);
    case 'Ec2InstanceMetadata':
      return fromInstance(dependencies, signal);
  }
};

const fromEnvironment = ({ variable }: SourceDependencies): Verdict<SigningKeys> => {
  const accessKeyId = variable('AWS_ACCESS_KEY_ID');
  const secretAccessKey = variable('AWS_SECRET_ACCESS_KEY');
  if (accessKeyId === null || secretAccessKey === null) {
    return denied('bad-request', 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set where the broker runs');
  }
  return { type: 'ok', value: { accessKeyId, secretAccessKey, sessionToken: variable('AWS_SESSION_TOKEN') } };
};

const fromContainer = async (from: SourceDependencies, signal: AbortSignal): Promise<Verdict<SigningKeys>> => {
  const url = containerUrl(from);
  if (url === null) return denied('bad-request', 'AWS_CONTAINER_CREDENTIALS_FULL_URI leads nowhere keys may come from');
  if (from.isOwnUrl(url)) {
    return denied('bad-request', 'AWS_CONTAINER_CREDENTIALS_FULL_URI leads back to credbroker; unset it and restart');
  }
  const file = from.variable('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE');
  const token = file === null ? from.variable('AWS_CONTAINER_AUTHORIZATION_TOKEN') : await from.readText(file);
  if (file !== null && token === null) return denied('bad-request', `"${file}" holds no token`);
  if (/[\r\n]/.test(token ?? ''))
    return denied('bad-request', 'the authorization token of the container has two lines');
  return readKeys(from, get(url.href, token === null ? {} : { authorization: token }), signal);
};

/** Where the SDKs would send the container's token, too. */
const containerUrl = ({ variable }: SourceDependencies): URL | null => {
  const relative = variable('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
  const full = relative === null ? variable('AWS_CONTAINER_CREDENTIALS_FULL_URI') : `http://169.254.170.2${relative}`;
  const url = full !== null && URL.canParse(full) ? new URL(full) : null;
  const isNear = url?.protocol === 'http:' && nearHosts.test(url.hostname);
  return url !== null && (url.protocol === 'https:' || isNear) ? url : null;
};

/** Loopback, ECS and the Pod Identity agent of EKS. */
const nearHosts = /^(127(\.\d{1,3}){3}|localhost|\[::1\]|169\.254\.170\.(2|23)|\[fd00:ec2::23\])$/;

const fromInstance = async (from: SourceDependencies, signal: AbortSignal): Promise<Verdict<SigningKeys>> => {
  if (from.variable('AWS_EC2_METADATA_DISABLED')?.toLowerCase() === 'true') {
    return denied('bad-request', 'AWS_EC2_METADATA_DISABLED forbids to ask the instance');
  }
  const configured = from.variable('AWS_EC2_METADATA_SERVICE_ENDPOINT') ?? 'http://169.254.169.254';
  if (!URL.canParse(configured)) return denied('bad-request', 'AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL');
  const base = configured.replace(/\/+$/, '');
  const lifetime = { 'x-aws-ec2-metadata-token-ttl-seconds': '300' };
  const token = await readLine(from, { ...get(`${base}/latest/api/token`, lifetime), method: 'PUT' }, signal);
  if (token.type !== 'ok') return token;
  const headers = { 'x-aws-ec2-metadata-token': token.value };
  const roles = `${base}/latest/meta-data/iam/security-credentials/`;
  const role = await readLine(from, get(roles, headers), signal);
  return role.type === 'ok' ? readKeys(from, get(roles + encodeURIComponent(role.value), headers), signal) : role;
};

const get = (url: string, headers: Readonly<Record<string, string>>): HttpRequest => ({
  method: 'GET',
  url,
  headers,
  body: null,
});

const readKeys = async (http: Http, request: HttpRequest, signal: AbortSignal): Promise<Verdict<SigningKeys>> => {
  const answer = await send(http, request, signal);
  if (answer.type === 'failure') return transientOf(answer);
  const reply = readJson(answer, http.clock.now());
  if (answer.status >= 400 && answer.status < 500) return refused(answer.status);
  if (reply.type === 'failure') return transientOf(reply);
  const keys = keysIn(reply.body);
  return keys === null ? transient('bad-body', 'it answered without keys') : { type: 'ok', value: keys };
};

const keysIn = (body: JsonObject): SigningKeys | null => {
  const accessKeyId = textField(body, 'AccessKeyId');
  const secretAccessKey = textField(body, 'SecretAccessKey');
  const sessionToken = textField(body, 'Token');
  return accessKeyId === null || secretAccessKey === null || sessionToken === null
    ? null
    : { accessKeyId, secretAccessKey, sessionToken };
};

/** The first line of a short text. */
const readLine = async (http: Http, request: HttpRequest, signal: AbortSignal): Promise<Verdict<string>> => {
  const answer = await send(http, request, signal);
  if (answer.type === 'failure') return transientOf(answer);
  const { status, text } = answer;
  if (status >= 400 && status < 500) return refused(status);
  const line = text.split('\n', 1)[0]?.trim() ?? '';
  if (status === 200 && /^[\x21-\x7e]+$/.test(line)) return { type: 'ok', value: line };
  return transient(status >= 500 ? '5xx' : 'bad-body', `the instance answered something else (${status})`);
};

const refused = (status: number) =>
  status === 429
    ? transient('429', 'too many requests (429)')
    : denied('forbidden', `it gives no keys here (${status})`);
