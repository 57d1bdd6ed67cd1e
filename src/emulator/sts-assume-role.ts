/** AssumeRole: a role's trust policy decides. */
import type { Answer, Call } from './call.ts';
import { stsError } from './errors.ts';
import type { Role } from './iam.ts';
import type { IssuedKeys } from './keys.ts';
import type { StsParts } from './sts.ts';
import { answer, assumedRoleUser, credentials, roleSession, text } from './sts-answer.ts';
import { durationOf, optionalText, requiredText, tagsOf } from './sts-form.ts';
import { showsSecondFactor } from './sts-mfa.ts';

export interface SignedCall {
  readonly call: Call;
  readonly form: URLSearchParams;
  readonly signer: IssuedKeys;
}

export const sessionNameOf = (form: URLSearchParams): string =>
  requiredText(form, 'RoleSessionName', { min: 2, max: 64, pattern: '[\\w+=,.@-]*' });

const hourSeconds = 3600;

/** The longest that the API takes; a role may allow less. */
export const roleDurationOf = (form: URLSearchParams): number =>
  durationOf(form, { max: 12 * hourSeconds, usual: hourSeconds });

export function roleArnOf(form: URLSearchParams): string {
  const arn = requiredText(form, 'RoleArn', { min: 20, max: 2048, pattern: '.*' });
  if (/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(arn)) return arn;
  throw stsError('ValidationError', `${arn} is invalid`);
}

export function refuseLongerThan(role: Role, seconds: number): void {
  if (seconds * 1000 <= role.maxLifeMs) return;
  throw stsError('ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
}

export function assumeRole({ knobs, keys, secondFactors }: StsParts, { call, form, signer }: SignedCall): Answer {
  const arn = roleArnOf(form);
  const sessionName = sessionNameOf(form);
  const seconds = roleDurationOf(form);
  const mfa = showsSecondFactor(secondFactors, form, signer) || signer.mfa;
  const role = knobs.roles.find((candidate) => candidate.arn === arn);
  if (role === undefined || !trusts(role, { form, signer, mfa })) throw notAuthorized(signer, 'AssumeRole', arn);
  if (tagsOf(form).length > 0 && role.allowsTags === false) throw notAuthorized(signer, 'TagSession', arn);
  const sourceIdentity = sourceIdentityOf(role, { form, signer });
  if (signer.sessionToken !== null && seconds > hourSeconds) throw tooLongForChain();
  refuseLongerThan(role, seconds);
  const kind = signer.sessionToken === null ? 'role' : 'chained';
  const standing = { kind, mfa: false, sourceIdentity } as const;
  const issued = keys.issue(roleSession(arn, sessionName), seconds * 1000, standing);
  const identity = sourceIdentity === null ? '' : text('SourceIdentity', sourceIdentity);
  return answer(call, 'AssumeRole', assumedRoleUser(issued.principal) + credentials(issued) + identity);
}

const tooLongForChain = () =>
  stsError(
    'ValidationError',
    'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
  );

interface Asking {
  readonly form: URLSearchParams;
  readonly signer: IssuedKeys;
  readonly mfa: boolean;
}

function trusts({ externalId, principals, requiresMfa }: Role, { form, signer, mfa }: Asking): boolean {
  const given = optionalText(form, 'ExternalId', { min: 2, max: 1224, pattern: '[\\w+=,.@:\\/-]*' });
  if (signer.kind === 'federated') return false;
  if (externalId !== null && externalId !== given) return false;
  if (requiresMfa === true && !mfa) return false;
  const names = namesOf(signer);
  return principals?.some((principal) => names.includes(principal)) ?? true;
}

/** What a trust policy may call a principal. */
function namesOf({ principal: { arn, accountId } }: IssuedKeys): readonly string[] {
  const partition = arn.split(':')[1];
  const roleName = /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  const role = roleName === undefined ? [] : [`arn:${partition}:iam::${accountId}:role/${roleName}`];
  return [arn, ...role, `arn:${partition}:iam::${accountId}:root`];
}

/** Once set it stays, through every role that follows. */
function sourceIdentityOf(role: Role, { form, signer }: Omit<Asking, 'mfa'>): string | null {
  const given = optionalText(form, 'SourceIdentity', { min: 2, max: 64, pattern: '[\\w+=,.@-]*' });
  const identity = signer.sourceIdentity ?? given;
  const isChanged = given !== null && given !== identity;
  if (identity !== null && (isChanged || role.allowsSourceIdentity === false)) {
    throw notAuthorized(signer, 'SetSourceIdentity', role.arn);
  }
  return identity;
}

const notAuthorized = ({ principal }: IssuedKeys, action: string, roleArn: string) =>
  stsError(
    'AccessDenied',
    `User: ${principal.arn} is not authorized to perform: sts:${action} on resource: ${roleArn}`,
  );
