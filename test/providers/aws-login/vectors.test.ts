import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SharedLoginCache } from '../../../src/adapters/login-cache.ts';
import { awsLogin } from '../../../src/providers/aws-login/index.ts';
import { atOnce, FakeClock } from '../../support/fake-clock.ts';
import { tempDir } from '../../support/temp-dir.ts';

interface Vector {
  readonly documentation: string;
  readonly configContents: string;
  readonly cacheContents: Readonly<Record<string, object>>;
  readonly mockApiCalls?: readonly {
    readonly request: { readonly tokenInput: object };
    readonly response?: { readonly tokenOutput: object };
    readonly responseCode?: number;
  }[];
  readonly outcomes: readonly Readonly<Record<string, unknown>>[];
}

const file = new URL('../../../../shared/vectors/login-provider-test-cases.json', import.meta.url);
const absent = existsSync(file) ? null : 'vectors not present';
const vectors: readonly Vector[] = absent === null ? JSON.parse(readFileSync(file, 'utf8')) : [];

/** The moment that their outcomes count from. */
const vectorTime = Date.parse('2025-11-19T00:00:00Z');

async function play(vector: Vector) {
  const directory = tempDir();
  for (const [name, content] of Object.entries(vector.cacheContents)) {
    writeFileSync(join(directory, name), JSON.stringify(content));
  }
  const clock = new FakeClock();
  clock.sleep(vectorTime - clock.now());
  const calls = [...(vector.mockApiCalls ?? [])];
  const asked: unknown[] = [];
  const provider = awsLogin({
    clock,
    log: { warn: () => {} },
    regions: { recall: () => null, remember: () => {} },
    openCache: (loginSession) => new SharedLoginCache({ directory, loginSession, timers: atOnce }),
    endpointOf: () => null,
    fetch: async (url, { body }) => {
      asked.push({ url, body: JSON.parse(body ?? '') });
      const { response, responseCode = 200 } = calls.shift() ?? {};
      const text = new TextEncoder().encode(JSON.stringify(response?.tokenOutput ?? {}));
      const parts = async function* () {
        yield text;
      };
      return { status: responseCode, headers: { get: () => null }, body: parts() };
    },
  });
  const loginSession = /^login_session = (.*)$/m.exec(vector.configContents)?.[1] ?? '';
  const profile = provider.openProfile({ name: 'signin', loginSession, region: 'us-east-1', signInRegion: null });
  const { signal } = new AbortController();
  const verdict = await profile.acquire({ record: null, source: null, checkout: null, wish: null, signal });
  return { verdict, directory, asked, left: calls.length };
}

const url = 'https://us-east-1.signin.aws.amazon.com/v1/token';

describe.skipIf(absent)(`case 62: the vectors of the AWS CLI${absent === null ? '' : ` (skipped: ${absent})`}`, () => {
  it('are eight', () => {
    expect(vectors).toHaveLength(8);
  });

  it.each(vectors)('$documentation', async (vector) => {
    const { verdict, directory, asked, left } = await play(vector);
    expect(asked).toEqual((vector.mockApiCalls ?? []).map(({ request }) => ({ url, body: request.tokenInput })));
    expect(left).toBe(0);
    for (const { result, ...expected } of vector.outcomes) {
      if (result === 'error') expect(verdict.type).not.toBe('ok');
      if (result === 'credentials') {
        const expiresAt = Date.parse(String(expected['expiresAt']));
        expect(verdict).toEqual({ type: 'ok', value: { ...expected, expiresAt, roleArn: null, transaction: null } });
      }
      if (result !== 'cacheContents') continue;
      expect(readdirSync(directory)).toEqual(Object.keys(expected));
      for (const [name, content] of Object.entries(expected)) {
        expect(JSON.parse(readFileSync(join(directory, name), 'utf8'))).toEqual(content);
      }
    }
  });
});
