import { describe, expect, it } from 'vitest';
import { parseBaseUrl, parseTenant } from '../../../src/core/britive-tenant.ts';
import { pathWithin } from '../../../src/providers/britive/tenant.ts';

describe('a tenant', () => {
  it.each([
    ['acme', 'acme'],
    [' Acme ', 'acme'],
    ['acme.britive-app.com', 'acme'],
    ['https://acme.britive-app.com/', 'acme'],
    ['HTTPS://ACME.BRITIVE-APP.COM:443/login?token=x#y', 'acme'],
    ['acme.britive-app.com.', 'acme'],
    ['acme.dev', 'acme.dev'],
    ['acme.dev.britive-app.com', 'acme.dev'],
    ['a-1', 'a-1'],
  ])('%j is "%s"', (text, tenant) => {
    expect(parseTenant(text)).toEqual({ type: 'ok', tenant, baseUrl: `https://${tenant}.britive-app.com` });
  });

  it.each([
    '',
    '   ',
    'https://',
    'britive-app.com',
    '.britive-app.com',
    'evilbritive-app.com',
    'https://evilbritive-app.com/',
    '-acme',
    'acme-',
    'ac me',
    'acme..dev',
    'acme@evil.example',
    'acmé',
    '../acme',
  ])('is not %j', (text) => {
    expect(parseTenant(text).type).toBe('refused');
  });
});

describe('a base URL', () => {
  it.each([
    ['https://britive.example.gov/', 'https://britive.example.gov'],
    ['https://britive.example.gov/deep/', 'https://britive.example.gov/deep'],
    ['http://127.0.0.1:9000', 'http://127.0.0.1:9000'],
    ['http://localhost:9000/', 'http://localhost:9000'],
    ['http://[::1]:9000/', 'http://[::1]:9000'],
  ])('may be %s', (text, baseUrl) => {
    expect(parseBaseUrl(text)).toEqual({ type: 'ok', baseUrl });
  });

  it.each([
    'acme',
    'http://britive.example.gov',
    'http://127.0.0.1.example',
    'http://1270.0.0.1',
    'ftp://127.0.0.1',
    'https://user:pass@britive.example.gov',
    'https://britive.example.gov/?a=b',
    'https://britive.example.gov/#a',
  ])('is not %s', (text) => {
    expect(parseBaseUrl(text).type).toBe('refused');
  });
});

describe('case 37: a link', () => {
  const base = 'https://acme.britive-app.com';
  it.each([
    [`${base}/api/x?page=2`, base, '/api/x?page=2'],
    ['/api/x', base, '/api/x'],
    ['https://acme.britive-app.com.evil.example/api/x', base, null],
    ['https://acme.britive-app.com:8443/api/x', base, null],
    ['http://acme.britive-app.com/api/x', base, null],
    ['https://acme.britive-app.com@evil.example/', base, null],
    ['//evil.example/api', base, null],
    ['/\\evil.example/api', base, null],
    ['http://[', base, null],
    ['https://b.example/deep/api', 'https://b.example/deep', '/api'],
    ['https://b.example/other/api', 'https://b.example/deep', null],
  ])('%s of %s leads to %s', (link, baseUrl, path) => {
    expect(pathWithin(baseUrl, link)).toBe(path);
  });
});
