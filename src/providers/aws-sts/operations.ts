/** The operations of STS, each as a pair: `request…` talks, `parse…` judges. */
import type { Credentials, Verdict } from '../../core/types.ts';
import { callSts, type Parameters, type Reply, type StsCall } from './call.ts';
import { credentialsIn } from './credentials.ts';
import { parseReply } from './errors.ts';
import { textAt } from './xml.ts';

/** A device and the code it shows. */
export interface SecondFactor {
  readonly serial: string;
  readonly code: string;
}

export interface AssumedRole {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly seconds: number;
  readonly externalId: string | null;
  readonly sourceIdentity: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly factor: SecondFactor | null;
}

export const requestAssumeRole = (call: StsCall, role: AssumedRole): Promise<Reply> =>
  callSts(call, 'AssumeRole', {
    RoleArn: role.roleArn,
    RoleSessionName: role.sessionName,
    DurationSeconds: String(role.seconds),
    ExternalId: role.externalId,
    SourceIdentity: role.sourceIdentity,
    ...factorParameters(role.factor),
    ...tagParameters(role.tags),
  });

export const parseAssumeRole = (reply: Reply, roleArn: string): Verdict<Credentials> =>
  parseReply(reply, 'sts:AssumeRole', ({ document }) => credentialsIn(document, 'AssumeRole', roleArn));

export interface WebIdentity {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly seconds: number;
  readonly token: string;
}

export const requestWebIdentity = (call: StsCall, identity: WebIdentity): Promise<Reply> =>
  callSts(call, 'AssumeRoleWithWebIdentity', {
    RoleArn: identity.roleArn,
    RoleSessionName: identity.sessionName,
    DurationSeconds: String(identity.seconds),
    WebIdentityToken: identity.token,
  });

export const parseWebIdentity = (reply: Reply, roleArn: string): Verdict<Credentials> =>
  parseReply(reply, 'sts:AssumeRoleWithWebIdentity', ({ document }) =>
    credentialsIn(document, 'AssumeRoleWithWebIdentity', roleArn),
  );

export const requestSessionToken = (call: StsCall, seconds: number, factor: SecondFactor | null): Promise<Reply> =>
  callSts(call, 'GetSessionToken', { DurationSeconds: String(seconds), ...factorParameters(factor) });

export const parseSessionToken = (reply: Reply): Verdict<Credentials> =>
  parseReply(reply, 'sts:GetSessionToken', ({ document }) => credentialsIn(document, 'GetSessionToken', null));

export interface FederatedUser {
  readonly name: string;
  readonly seconds: number;
  /** JSON; the user's own permissions are cut down to it. */
  readonly policy: string;
}

export const requestFederationToken = (call: StsCall, { name, seconds, policy }: FederatedUser): Promise<Reply> =>
  callSts(call, 'GetFederationToken', { Name: name, DurationSeconds: String(seconds), Policy: policy });

export const parseFederationToken = (reply: Reply): Verdict<Credentials> =>
  parseReply(reply, 'sts:GetFederationToken', ({ document }) => credentialsIn(document, 'GetFederationToken', null));

export interface CallerIdentity {
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
}

export const requestCallerIdentity = (call: StsCall): Promise<Reply> => callSts(call, 'GetCallerIdentity', {});

export const parseCallerIdentity = (reply: Reply): Verdict<CallerIdentity> =>
  parseReply(reply, 'sts:GetCallerIdentity', ({ document }) => {
    const at = (name: string): string | null =>
      textAt(document, 'GetCallerIdentityResponse', 'GetCallerIdentityResult', name);
    const [accountId, arn, userId] = [at('Account'), at('Arn'), at('UserId')];
    return accountId === null || arn === null || userId === null ? null : { accountId, arn, userId };
  });

const factorParameters = (factor: SecondFactor | null): Parameters =>
  factor === null ? {} : { SerialNumber: factor.serial, TokenCode: factor.code };

const tagParameters = (tags: Readonly<Record<string, string>>): Parameters =>
  Object.fromEntries(
    Object.entries(tags).flatMap(([key, value], index) => [
      [`Tags.member.${index + 1}.Key`, key],
      [`Tags.member.${index + 1}.Value`, value],
    ]),
  );
