import { describe, expect, it } from 'vitest';
import { serviceEndpoint } from '../../config/aws-endpoints.ts';

describe('the endpoint of a service', () => {
  it.each([
    [{}, null],
    [{ AWS_ENDPOINT_URL_EKS: '' }, null],
    [{ AWS_ENDPOINT_URL_STS: 'https://sts.example' }, null],
    [{ AWS_ENDPOINT_URL: 'https://all.example' }, 'https://all.example'],
    [{ AWS_ENDPOINT_URL: 'https://all.example', AWS_ENDPOINT_URL_EKS: 'https://eks.example' }, 'https://eks.example'],
    [{ AWS_ENDPOINT_URL_EKS: 'http://127.0.0.1:9912/eks' }, 'http://127.0.0.1:9912/eks'],
    [{ AWS_ENDPOINT_URL_EKS: 'https://eks.example', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, null],
  ])('with %j is %s', (env, url) => {
    expect(serviceEndpoint(env, 'eks')).toBe(url);
  });

  it.each([
    ['AWS_ENDPOINT_URL_EKS', 'http://eks.example'],
    ['AWS_ENDPOINT_URL_EKS', 'eks.example'],
    ['AWS_ENDPOINT_URL', 'http://10.0.0.1'],
  ])('is not %s=%s, which would be told keys in the clear', (name, url) => {
    expect(() => serviceEndpoint({ [name]: url }, 'eks')).toThrow(
      `${name} has to begin with https://, or with http:// on this machine`,
    );
  });
});
