/**
 * The one way out: undici's `fetch` over one dispatcher. Proxies are the environment's, loopback is never proxied, and
 * a bundle of certificates adds to the trusted ones, since not every upstream is behind the same interception.
 */
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Dispatcher, RequestInit, Response } from 'undici';
import { Agent, EnvHttpProxyAgent, fetch } from 'undici';
import { BrokerError, messageOf } from '../core/errors.ts';

export interface HttpOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Of this program, for the user agent. */
  readonly version: string;
}

export interface HttpAdapter {
  readonly fetch: Fetch;
  /** Ends idle connections, and those in use after their answer. */
  readonly close: () => Promise<void>;
}

type Fetch = (url: string, init: RequestInit & { readonly headers: Record<string, string> }) => Promise<Response>;

const connectMs = 5_000;
const answerMs = 15_000;

/** Throws `ConfigInvalid` for a proxy or a certificate bundle that cannot be used. */
export const openHttp = ({ env, version }: HttpOptions): HttpAdapter => {
  const { direct, proxied } = openDispatchers(env);
  const userAgent = `credbroker/${version}`;
  return {
    fetch: (url, init) =>
      fetch(url, {
        ...init,
        headers: { 'user-agent': userAgent, ...init.headers },
        dispatcher: isLoopback(new URL(url).hostname) ? direct : proxied,
      }),
    close: async () => {
      await Promise.all([direct.close(), proxied.close()]);
    },
  };
};

const openDispatchers = (env: NodeJS.ProcessEnv): { readonly direct: Dispatcher; readonly proxied: Dispatcher } => {
  const ca = certificates(env);
  const tls = { timeout: connectMs, ...(ca !== null && { ca }) };
  const timeouts = { headersTimeout: answerMs, bodyTimeout: answerMs };
  const direct = new Agent({ connect: tls, ...timeouts });
  const httpProxy = env['http_proxy'] ?? env['HTTP_PROXY'] ?? '';
  const httpsProxy = env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '';
  const noProxy = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  try {
    // Empty, not absent: for what is absent undici would ask the environment of the process.
    const proxies = { httpProxy, httpsProxy, noProxy };
    const proxied = new EnvHttpProxyAgent({ ...proxies, connect: tls, requestTls: tls, proxyTls: tls, ...timeouts });
    return { direct, proxied };
  } catch (cause) {
    throw new BrokerError('ConfigInvalid', 'HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy', { cause });
  }
};

/** Null leaves it to Node, which honours NODE_EXTRA_CA_CERTS by itself as long as nobody names certificates. */
const certificates = (env: NodeJS.ProcessEnv): string[] | null => {
  const bundle = env['AWS_CA_BUNDLE'];
  if (!bundle) return null;
  const extra = env['NODE_EXTRA_CA_CERTS'];
  return [
    ...rootCertificates,
    readBundle('AWS_CA_BUNDLE', bundle),
    ...(extra ? [readBundle('NODE_EXTRA_CA_CERTS', extra)] : []),
  ];
};

const readBundle = (variable: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BrokerError('ConfigInvalid', `${variable} names "${path}", which cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
};

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
