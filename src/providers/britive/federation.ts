/** Workload identity: the token of a CI system or a cloud is the session, sent with every request and fetched anew. */
import { transient, transientOf } from '../failures.ts';
import { sendJson, textField } from '../json-reply.ts';
import { callerIdentity } from './aws-identity.ts';
import type { Connection } from './connection.ts';
import { denied } from './errors.ts';
import { tokenExpiry } from './jwt.ts';
import type { Verdict } from './types.ts';

export interface SourcedToken {
  readonly token: string;
  readonly lifetimeMs: number;
}

/** Where nothing says how long it lives. */
const assumedLifeMs = 900_000;

/** `github[-audience]`, `gitlab[-VARIABLE]`, `bitbucket`, `spacelift`, `oidc-VARIABLE`, `file-PATH`, or `aws`. */
export const sourceToken = async (
  connection: Connection,
  source: string,
  signal: AbortSignal,
): Promise<Verdict<SourcedToken>> => {
  const at = source.indexOf('-');
  const kind = at < 0 ? source : source.slice(0, at);
  const option = at < 0 ? null : source.slice(at + 1);
  switch (kind) {
    case 'github':
      return fromGitHub(connection, option, signal);
    case 'gitlab':
      return fromVariable(connection, option ?? 'BRITIVE_OIDC_TOKEN');
    case 'bitbucket':
      return fromVariable(connection, 'BITBUCKET_STEP_OIDC_TOKEN');
    case 'spacelift':
      return fromVariable(connection, 'SPACELIFT_OIDC_TOKEN');
    case 'oidc':
      return fromVariable(connection, option ?? 'BRITIVE_OIDC_TOKEN');
    case 'file':
      return fromFile(connection, option ?? '');
    case 'aws':
      return callerIdentity(connection);
    default:
      return denied('bad-request', `"${source}" is no source of workload tokens, such as "github", "gitlab" or "aws"`);
  }
};

const fromVariable = ({ dependencies }: Connection, name: string): Verdict<SourcedToken> => {
  const token = dependencies.variable(name)?.trim() ?? '';
  return token === '' ? denied('bad-request', `${name} is not set`) : oidc(token, dependencies.clock.now());
};

/** Such as the token that Kubernetes projects into a pod; read each time, since it is replaced there. */
const fromFile = async ({ dependencies }: Connection, path: string): Promise<Verdict<SourcedToken>> => {
  const token = (await dependencies.readText(path))?.trim() ?? '';
  return token === '' ? denied('bad-request', `"${path}" holds no token`) : oidc(token, dependencies.clock.now());
};

const fromGitHub = async (
  { dependencies }: Connection,
  audience: string | null,
  signal: AbortSignal,
): Promise<Verdict<SourcedToken>> => {
  const from = dependencies.variable('ACTIONS_ID_TOKEN_REQUEST_URL') ?? '';
  const bearer = dependencies.variable('ACTIONS_ID_TOKEN_REQUEST_TOKEN');
  if (!URL.canParse(from) || bearer === null) {
    return denied('bad-request', 'the workflow has no id-token permission (ACTIONS_ID_TOKEN_REQUEST_URL is not set)');
  }
  const url = new URL(from);
  if (audience !== null) url.searchParams.set('audience', audience);
  const headers = {
    authorization: `Bearer ${bearer}`,
    'user-agent': 'actions/oidc-client',
    accept: 'application/json',
  };
  const reply = await sendJson(dependencies, { method: 'GET', url: url.href, headers, body: null }, signal);
  if (reply.type === 'failure') return transientOf(reply);
  if (reply.status >= 400) return denied('forbidden', `GitHub refused to issue a token (${reply.status})`);
  const token = textField(reply.body, 'value');
  return token === null
    ? transient('bad-body', 'GitHub answered without a token')
    : oidc(token, dependencies.clock.now());
};

const oidc = (token: string, now: number): Verdict<SourcedToken> => {
  const expiresAt = tokenExpiry(token);
  const lifetimeMs = expiresAt === null ? assumedLifeMs : expiresAt - now;
  if (lifetimeMs <= 0) return denied('bad-request', 'the workload token has expired');
  return { type: 'ok', value: { token: `OIDC::${token}`, lifetimeMs } };
};
