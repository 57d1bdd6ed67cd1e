import type { JsonReply } from './json-reply.ts';
import { textField } from './json-reply.ts';

/**
 * The name of an AWS error such as `InvalidGrantException`, or an OAuth one such as `invalid_grant`; null where the
 * answer is no error that AWS would send. The header wins, as in every SDK: `Name:http://…` or `namespace#Name`.
 */
export const awsErrorName = ({ header, body }: JsonReply): string | null => {
  const type = header('x-amzn-errortype') ?? textField(body, '__type');
  const name = type === null ? null : shortName(type);
  return name ?? textField(body, 'error');
};

const shortName = (type: string): string | null => type.split(':', 1)[0]?.split('#').at(-1)?.trim() || null;
