import { expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import { holdOf } from '../../routes/holds.ts';

it.each([
  [undefined, 800],
  ['', 800],
  ['aws-sdk-nodejs/2.1693.0 linux/v20.20.2', 800],
  ['aws-sdk-java/2.31.0', 800],
  ['aws-sdk-crt/ecs-credentials-provider', 800],
  ['python-requests/2.31.0', 800],
  ['curl/8.5.0', 800],
  ['python-urllib3/1.26.12', 1_700],
  ['python-urllib3/2.2.1', 1_700],
  ['Boto3/1.43.11 md/Botocore#1.43.11 Botocore/1.43.11', 1_700],
  ['aws-cli/2.36.7 Python/3.12', 1_700],
  ['aws-sdk-rust/1.3.7 os/linux', 4_500],
  ['aws-sdk-ruby3/3.211.0 ua/2.1', 4_500],
  ['Go-http-client/1.1', 10_000],
  ['aws-sdk-go/1.44.133 (go1.19.8; linux; amd64)', 10_000],
  ['aws-sdk-go-v2/1.17.1', 10_000],
  ['rclone/v1.60.1', 10_000],
  ['evil Go-http-client/1.1', 800],
])('lets %j wait for %i ms', (userAgent, ms) => {
  expect(holdOf({ userAgent, asked: undefined }, defaults.refresh.hold)).toBe(ms);
});

it.each([
  ['helper', 120_000],
  ['credential-process', 55_000],
  ['for ever', 10_000],
])('lets the hold header "%s" decide', (asked, ms) => {
  expect(holdOf({ userAgent: 'Go-http-client/1.1', asked }, defaults.refresh.hold)).toBe(ms);
});
