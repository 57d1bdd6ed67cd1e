/** The portal service: accounts, roles and role credentials for the bearer of an access token. */
import { type Call, type Handler, json } from './call.ts';
import { portalError } from './errors.ts';
import type { Keys, Principal } from './keys.ts';
import type { Account, Knobs, PermissionSet } from './knobs.ts';
import { type Paging, pageOf } from './paging.ts';
import { hexOf, roleId } from './random.ts';
import type { PortalSession, SignIns } from './sign-ins.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface PortalParts {
  readonly knobs: Knobs;
  readonly signIns: SignIns;
  readonly keys: Keys;
  readonly bucket: TokenBucket;
}

export const getRoleCredentials =
  (parts: PortalParts): Handler =>
  (call) => {
    admit(parts, call);
    const roleName = parameter(call, 'role_name');
    const account = findAccount(parts.knobs, parameter(call, 'account_id'));
    const permissionSet = account.permissionSets.find(({ name }) => name === roleName);
    if (permissionSet === undefined) throw portalError('ForbiddenException', 'No access');
    const keys = parts.keys.issue(principalOf(account, permissionSet, parts.knobs.userName), permissionSet.lifeMs);
    return json(200, {
      roleCredentials: {
        accessKeyId: keys.accessKeyId,
        secretAccessKey: keys.secretAccessKey,
        sessionToken: keys.sessionToken,
        expiration: keys.expiresAt,
      },
    });
  };

export const listAccounts =
  (parts: PortalParts): Handler =>
  (call) => {
    admit(parts, call);
    const assigned = parts.knobs.accounts.filter(({ permissionSets }) => permissionSets.length > 0);
    const { items, nextToken } = pageOf(call, assigned, paging(parts.knobs));
    const accountList = items.map(({ accountId, name, email }) => ({
      accountId,
      accountName: name,
      emailAddress: email,
    }));
    return json(200, { nextToken, accountList });
  };

export const listAccountRoles =
  (parts: PortalParts): Handler =>
  (call) => {
    admit(parts, call);
    const { accountId, permissionSets } = findAccount(parts.knobs, parameter(call, 'account_id'));
    if (permissionSets.length === 0) throw portalError('ForbiddenException', 'No access');
    const { items, nextToken } = pageOf(call, permissionSets, paging(parts.knobs));
    return json(200, { nextToken, roleList: items.map(({ name }) => ({ roleName: name, accountId })) });
  };

export const logout =
  (parts: PortalParts): Handler =>
  (call) => {
    const own = admit(parts, call);
    parts.signIns.end((session) => session.id === own.id);
    return { status: 200, headers: {}, body: '' };
  };

const paging = ({ pageSize }: Knobs): Paging => ({
  pageSize,
  names: { token: 'next_token', size: 'max_result' },
  refuse: (message) => portalError('InvalidRequestException', message),
});

function admit({ knobs, signIns, bucket }: PortalParts, call: Call): PortalSession {
  if (!bucket.take()) throw portalError('TooManyRequestsException', 'HTTP 429 Unknown Code');
  const token = call.headers['x-amz-sso_bearer_token'] ?? '';
  const session = call.region === knobs.region ? signIns.bearer(token) : null;
  if (session === null) throw portalError('UnauthorizedException', 'Session token not found or invalid');
  return session;
}

function parameter(call: Call, name: string): string {
  const value = call.query.get(name) ?? '';
  if (value === '') throw portalError('InvalidRequestException', `Missing parameter ${name}`);
  return value;
}

function findAccount(knobs: Knobs, accountId: string): Account {
  if (!/^\d{12}$/.test(accountId)) throw portalError('InvalidRequestException', 'Invalid account id');
  const account = knobs.accounts.find((candidate) => candidate.accountId === accountId);
  if (account === undefined) throw portalError('ResourceNotFoundException', 'Account not found');
  return account;
}

/** Identity Center makes an IAM role in the account for each permission set and assumes it in the person's name. */
function principalOf({ accountId }: Account, { name }: PermissionSet, userName: string): Principal {
  const role = `AWSReservedSSO_${name}_${hexOf(`${accountId}/${name}`, 16)}`;
  return {
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${userName}`,
    userId: `${roleId(`${accountId}/${role}`)}:${userName}`,
  };
}
