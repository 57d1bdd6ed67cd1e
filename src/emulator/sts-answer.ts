/** Answers of STS, piece by piece. */
import type { Answer, Call } from './call.ts';
import type { Keys, Principal } from './keys.ts';
import type { Operation } from './operations.ts';
import { roleId } from './random.ts';
import { element, escapeXml, xml } from './xml.ts';

export const answer = (call: Call, operation: Operation, result: string): Answer =>
  xml(
    200,
    `${operation}Response`,
    element(`${operation}Result`, result) + element('ResponseMetadata', element('RequestId', call.requestId)),
  );

export const text = (name: string, value: string): string => element(name, escapeXml(value));

export function credentials(issued: ReturnType<Keys['issue']>): string {
  return element(
    'Credentials',
    element('AccessKeyId', issued.accessKeyId) +
      element('SecretAccessKey', issued.secretAccessKey) +
      element('SessionToken', issued.sessionToken) +
      element('Expiration', new Date(issued.expiresAt).toISOString().replace('.000Z', 'Z')),
  );
}

export const assumedRoleUser = ({ arn, userId }: Principal): string =>
  element('AssumedRoleUser', text('AssumedRoleId', userId) + text('Arn', arn));

/** Who a session of the role is. */
export function roleSession(roleArn: string, sessionName: string): Principal {
  const accountId = roleArn.split(':')[4] ?? '';
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return {
    accountId,
    arn: `${roleArn.split(':iam:')[0]}:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
    userId: `${roleId(roleArn)}:${sessionName}`,
  };
}
