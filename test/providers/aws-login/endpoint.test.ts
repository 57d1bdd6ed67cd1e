import { expect, it } from 'vitest';
import { signinUrl } from '../../../src/providers/aws-login/endpoint.ts';

// As the endpoint rules of botocore 1.43.11 have them.
it.each([
  ['us-east-1', 'https://us-east-1.signin.aws.amazon.com'],
  ['ap-southeast-5', 'https://ap-southeast-5.signin.aws.amazon.com'],
  ['mx-central-1', 'https://mx-central-1.signin.aws.amazon.com'],
  ['cn-northwest-1', 'https://cn-northwest-1.signin.amazonaws.cn'],
  ['us-gov-west-1', 'https://us-gov-west-1.signin.amazonaws-us-gov.com'],
  ['eusc-de-east-1', 'https://signin.eusc-de-east-1.amazonaws.eu'],
  ['us-iso-east-1', 'https://signin.us-iso-east-1.c2s.ic.gov'],
  ['us-isob-east-1', 'https://signin.us-isob-east-1.sc2s.sgov.gov'],
  ['eu-isoe-west-1', 'https://signin.eu-isoe-west-1.cloud.adc-e.uk'],
  ['us-isof-south-1', 'https://signin.us-isof-south-1.csp.hci.ic.gov'],
])('the sign-in service of %s is at %s', (region, url) => {
  expect(signinUrl(null, region)).toBe(url);
});

it('an override is used as it is, without the slash at its end', () => {
  expect(signinUrl('http://127.0.0.1:9000/signin/', 'us-east-1')).toBe('http://127.0.0.1:9000/signin');
});
