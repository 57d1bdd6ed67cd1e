/** What `config.yaml` takes in several places. */
export const duration = {
  description: 'milliseconds as a number, or a duration such as "30s", "5m" or "1h"',
  type: ['integer', 'string'],
  minimum: 0,
  pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$',
} as const;

export const text = { description: 'a text that is not empty', type: 'string', minLength: 1 } as const;

export const tokenCache = {
  description: '"shared" (with the AWS tools, in ~/.aws/sso/cache) or "private"',
  enum: ['shared', 'private'],
} as const;

export const region = {
  description: 'a region such as us-east-1',
  type: 'string',
  pattern: '^[a-z]+(-[a-z0-9]+)+$',
} as const;
