import { expect, it } from 'vitest';
import { isErrorCode } from '../../src/core/errors.ts';

/** `DefaultRetryableErrorCodes` and `DefaultThrottleErrorCodes` of aws-sdk-go-v2, whatever the status. */
const retriedByGo = [
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestTimeout',
  'RequestTimeoutException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
];

it.each(retriedByGo)('case 54: no error of ours is called %s, which Go would ask again for', (code) => {
  expect(isErrorCode(code)).toBe(false);
});
