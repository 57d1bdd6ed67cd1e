import { type Credentials, epoch } from '../../core/types.ts';
import { textAt, type XmlObject } from './xml.ts';

/** The credentials in an answer, null where a part of them is missing. */
export const credentialsIn = (document: XmlObject, action: string, roleArn: string | null): Credentials | null => {
  const at = (...path: readonly string[]): string | null =>
    textAt(document, `${action}Response`, `${action}Result`, ...path);
  const accessKeyId = at('Credentials', 'AccessKeyId');
  const secretAccessKey = at('Credentials', 'SecretAccessKey');
  const sessionToken = at('Credentials', 'SessionToken');
  const expiresAt = Date.parse(at('Credentials', 'Expiration') ?? '');
  if (accessKeyId === null || secretAccessKey === null || sessionToken === null || Number.isNaN(expiresAt)) return null;
  const arn = at('AssumedRoleUser', 'Arn') ?? at('FederatedUser', 'Arn');
  const accountId = /^arn:[^:]+:sts::(\d{12}):/.exec(arn ?? '')?.[1] ?? null;
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiresAt: epoch(expiresAt),
    accountId,
    roleArn,
    transaction: null,
  };
};
