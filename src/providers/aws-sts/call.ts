/** One call of the AWS Query protocol. https://docs.aws.amazon.com/STS/latest/APIReference/ */
import type { EpochMs, ServerMs } from '../../core/types.ts';
import { baseUrl, stsEndpoint } from '../aws-endpoints.ts';
import { failure, type SendFailure } from '../failures.ts';
import { type Http, type HttpAnswer, type HttpRequest, send } from '../http.ts';
import { failureIn } from '../json-reply.ts';
import { type SigningKeys, signedHeaders } from '../sigv4.ts';
import type { StsTarget } from './types.ts';
import { parseXml, textAt, type XmlObject } from './xml.ts';

export interface StsCall {
  readonly http: Http;
  readonly target: StsTarget;
  /** Null for a call that nobody signs. */
  readonly keys: SigningKeys | null;
  readonly signal: AbortSignal;
}

/** A 2xx or 4xx answer of STS itself. */
export interface XmlReply {
  readonly type: 'xml';
  readonly status: number;
  readonly document: XmlObject;
  /** How far our clock was off when it came, null where STS did not say what time it is. */
  readonly skewMs: number | null;
}

export type Reply = XmlReply | SendFailure;

/** Null leaves a parameter out. */
export type Parameters = Readonly<Record<string, string | null>>;

/** As the AWS SDKs judge it, whose clocks are corrected by the same answers. */
const skewToleranceMs = 4 * 60_000;

const signatureCodes: ReadonlySet<string> = new Set([
  'AuthFailure',
  'InvalidSignature',
  'InvalidSignatureException',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

export const errorCode = (reply: XmlReply): string | null => errorField(reply, 'Code');

export const errorMessage = (reply: XmlReply): string => errorField(reply, 'Message') ?? '';

/** Some put the error into a list, which SDKs read as well. */
const errorField = ({ document }: XmlReply, name: string): string | null =>
  textAt(document, 'ErrorResponse', 'Error', name) ?? textAt(document, 'ErrorResponse', 'Errors', 'Error', name);

/** Signed anew where the clock was wrong: the answer has set it right by then. */
export const callSts = async (call: StsCall, action: string, parameters: Parameters): Promise<Reply> => {
  const reply = await callOnce(call, action, parameters);
  return reply.type === 'xml' && isSkewed(reply) ? callOnce(call, action, parameters) : reply;
};

const isSkewed = (reply: XmlReply): boolean =>
  Math.abs(reply.skewMs ?? 0) > skewToleranceMs && signatureCodes.has(errorCode(reply) ?? '');

const callOnce = async (call: StsCall, action: string, parameters: Parameters): Promise<Reply> => {
  const { http } = call;
  const answer = await send(http, await requestOf(call, action, parameters), call.signal);
  if (answer.type === 'failure') return answer;
  const reply = readXml(answer, http.clock.now());
  if (reply.type === 'xml' && answer.serverDate !== null) http.clock.anchor(answer.serverDate, answer.rttMs);
  return reply;
};

const requestOf = async (
  { http, target, keys }: StsCall,
  action: string,
  parameters: Parameters,
): Promise<HttpRequest> => {
  const { url: regional, signingRegion } = stsEndpoint(target.region, target);
  const url = `${baseUrl(target.stsEndpoint ?? regional)}/`;
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null);
  const body = new URLSearchParams([['Action', action], ['Version', '2011-06-15'], ...given]).toString();
  const plain = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  if (keys === null) return { method: 'POST', url, headers: plain, body };
  const at = http.clock.now();
  const request = {
    keys,
    service: 'sts',
    // The one place that serves all regions takes signatures of its own.
    region: new URL(url).host === 'sts.amazonaws.com' ? 'us-east-1' : signingRegion,
    at,
    method: 'POST',
    url,
    headers: plain,
    body,
  } as const;
  return { method: 'POST', url, headers: await signedHeaders(request), body };
};

const readXml = (answer: HttpAnswer, now: EpochMs): Reply => {
  const { status, text, header, serverDate } = answer;
  const document = parseXml(text);
  // Other implementations of STS call their XML a web page.
  const isPage = htmlStart.test(text) || (document === null && header('content-type')?.includes('text/html') === true);
  const failed = failureIn(answer, { isPage, now });
  if (failed !== null) return failed;
  if (document === null) return failure('bad-body', `the answer is not the expected XML (${status})`, status < 300);
  return { type: 'xml', status, document, skewMs: skewOf(serverDate, now) };
};

const htmlStart = /^\s*<(!doctype\s+html|html)\b/i;

const skewOf = (serverDate: ServerMs | null, now: EpochMs): number | null =>
  serverDate === null ? null : serverDate - now;
