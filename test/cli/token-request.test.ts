import { expect, it } from 'vitest';
import { tokenRequest } from '../../src/cli/token-request.ts';

it.each([
  ['eks token dev blue', { profile: 'dev', cluster: 'blue', region: null, start: true }],
  ['eks token dev blue --region us-east-1', { profile: 'dev', cluster: 'blue', region: 'us-east-1', start: true }],
  ['eks token dev', null],
  ['eks token dev blue green', null],
  ['eks token dev blue --region', null],
  ['eks token dev blue --no-start', null],
  ['eks token dev blue --region --no-start', null],
  ['eks token --region us-east-1 dev', null],
  ['eks token dev --help', null],
  ['eks connect dev blue', null],
  ['credential-process dev', null],
])('takes "%s" for the request %j', (words, request) => {
  expect(tokenRequest(words.split(' '))).toEqual(request);
});
