/**
 * A start URL may be a name of the company's own that redirects to AWS. Where it leads is asked at each sign-in; what is
 * stored and hashed keeps the configured URL, or the AWS tools would not find it.
 */
import type { Verdict } from '../../core/types.ts';
import { transient, transientOf } from '../failures.ts';
import type { Http, HttpAnswer } from '../http.ts';
import { send } from '../http.ts';

export interface ResolvedStartUrl {
  readonly issuerUrl: string;
  /** Null where the host does not name one. */
  readonly region: string | null;
}

// awscli/customizations/sso/resolve.py
const awsHosts =
  /(^|\.)(awsapps\.(com|cn)|app\.aws|portal\.amazonaws\.(com|com\.cn|eu)|app\.amazonwebservices\.com\.cn|api\.amazonwebservices\.eu)$|^identitycenter\.(us-gov\.amazonaws\.com|amazonaws\.(com|com\.cn|eu))$/;

export const resolveStartUrl = async (
  http: Http,
  startUrl: string,
  signal: AbortSignal,
): Promise<Verdict<ResolvedStartUrl>> => {
  const url = URL.canParse(startUrl) ? new URL(startUrl) : null;
  if (url === null) return refused('the start URL is not a URL');
  if (isAws(url) || isLoopback(url)) return resolved(startUrl, null);
  if (url.protocol !== 'https:') return refused('the start URL is not https');
  const target = await requestTarget(http, url, signal);
  return target.type === 'failure' ? transientOf(target) : parseTarget(target, url);
};

const requestTarget = async (http: Http, { href: url }: URL, signal: AbortSignal): ReturnType<typeof send> => {
  const request = { url, headers: {}, body: null } as const;
  const answer = await send(http, { ...request, method: 'HEAD' }, signal);
  const refusesHead = answer.type === 'answer' && (answer.status === 405 || answer.status === 501);
  return refusesHead ? send(http, { ...request, method: 'GET' }, signal) : answer;
};

const parseTarget = ({ status, header }: HttpAnswer, from: URL): Verdict<ResolvedStartUrl> => {
  const detail = `the start URL's host answered ${status}`;
  if (status === 407) return transient('proxy', detail);
  if (status === 511) return transient('captive-portal', detail);
  if (status === 429) return transient('429', detail);
  if (status >= 500) return transient('5xx', detail);
  const location = header('location');
  if (status < 300 || status >= 400 || location === null || !URL.canParse(location, from.href)) {
    return refused('the start URL neither belongs to AWS nor redirects there');
  }
  const target = new URL(location, from.href);
  return isAws(target)
    ? resolved(target.href, regionOf(target))
    : refused('the start URL redirects to a host that does not belong to AWS');
};

const isAws = ({ protocol, hostname }: URL): boolean => protocol === 'https:' && awsHosts.test(hostname);

/** An emulator: nothing leaves the machine. */
const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';

/** `ssoins-1.portal.us-east-1.app.aws` and the like; the first label is the organisation's own. */
const regionOf = ({ hostname }: URL): string | null =>
  hostname
    .split('.')
    .slice(1)
    .find((label) => /^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/.test(label)) ?? null;

const resolved = (issuerUrl: string, region: string | null): Verdict<ResolvedStartUrl> => ({
  type: 'ok',
  value: { issuerUrl, region },
});

const refused = (detail: string): Verdict<never> => ({ type: 'denied', why: 'bad-request', detail });
