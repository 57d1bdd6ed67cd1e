/**
 * Holds the emulator's journal against AWS's own service models: what was asked, what was answered, and how it was refused.
 * The models are kept outside the project; where a clone stands alone, nothing is checked and `modelsAbsent` says so.
 */

import { AssertionError } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import type { Entry, Journal, Operation } from '../../src/emulator/index.ts';
import { type Shape, type Shapes, shapeComplaints } from './aws-shapes.ts';
import { readXml, type XmlValue } from './xml-reader.ts';

interface Model {
  readonly metadata: { readonly protocol: 'rest-json' | 'query' };
  readonly operations: Readonly<Record<string, ModelOperation>>;
  readonly shapes: Shapes;
}

interface ModelOperation {
  readonly http: { readonly method: string; readonly requestUri: string };
  readonly input?: { readonly shape: string };
  readonly output?: { readonly shape: string; readonly resultWrapper?: string };
  readonly errors?: readonly { readonly shape: string }[];
}

interface Subject {
  readonly model: Model;
  readonly operation: ModelOperation;
  readonly entry: Entry;
}

const folder = new URL('../../../shared/vectors/models/', import.meta.url);

/** The reason why nothing can be checked, for the title of a skipped test. */
export const modelsAbsent: string | null = existsSync(folder) ? null : 'vectors not present';

const serviceOf: Readonly<Partial<Record<Operation, string>>> = {
  RegisterClient: 'sso-oidc',
  StartDeviceAuthorization: 'sso-oidc',
  CreateToken: 'sso-oidc',
  GetRoleCredentials: 'sso',
  ListAccounts: 'sso',
  ListAccountRoles: 'sso',
  Logout: 'sso',
  GetCallerIdentity: 'sts',
  AssumeRole: 'sts',
  CreateOAuth2Token: 'signin',
  AssumeRoleWithWebIdentity: 'sts',
  GetSessionToken: 'sts',
  GetFederationToken: 'sts',
};

/** Errors that AWS sends and its models do not list. */
const unmodelled: Readonly<Record<string, { readonly status: number; readonly reason: string }>> = {
  ForbiddenException: { status: 403, reason: 'the portal says "No access" without an assignment' },
  SerializationException: { status: 400, reason: 'the REST layer refuses a body before any operation sees it' },
  AccessDenied: { status: 403, reason: 'common error of the query protocol' },
  ExpiredToken: { status: 403, reason: 'common error: the signer has expired, not a token in the request' },
  IncompleteSignature: { status: 400, reason: 'common error of signed services' },
  InvalidClientTokenId: { status: 403, reason: 'common error of signed services' },
  MissingAuthenticationToken: { status: 403, reason: 'common error of signed services' },
  SignatureDoesNotMatch: { status: 403, reason: 'common error of signed services' },
  Throttling: { status: 400, reason: 'common error of the query protocol' },
  ValidationError: { status: 400, reason: 'common error of the query protocol' },
};

/** Throws with every difference found. Calls that a fault answered, and pages, are passed over. */
export function assertMatchesModels(journal: Pick<Journal, 'entries'>): void {
  const found = journal.entries.flatMap(complaints);
  if (found.length > 0) throw new AssertionError({ message: `Not as the service models say:\n${found.join('\n')}` });
}

const answeredByFault: readonly (string | null)[] = ['status', 'malformedJson', 'badGateway', 'captivePortal'];

export function complaints(entry: Entry): readonly string[] {
  const service = serviceOf[entry.operation];
  if (modelsAbsent !== null || service === undefined) return [];
  const model: Model = JSON.parse(readFileSync(new URL(`${service}.json`, folder), 'utf8'));
  const operation = model.operations[entry.operation];
  if (operation === undefined) return [`${entry.operation} is not in the model`];
  const subject = { model, operation, entry };
  const answered = entry.answer !== null && !answeredByFault.includes(entry.fault);
  return [...requestComplaints(subject), ...(answered ? answerComplaints(subject) : [])].map(
    (complaint) => `${entry.operation} ${complaint}`,
  );
}

function requestComplaints({ model, operation, entry: { request } }: Subject): readonly string[] {
  const isPresigned = model.metadata.protocol === 'query' && request.method === 'GET';
  const path = request.path.replace(/^(\/regions\/[^/]+)?\/(oidc|portal|sts|signin)/, '') || '/';
  const line = `${isPresigned ? 'POST' : request.method} ${path}`;
  const expected = `${operation.http.method} ${operation.http.requestUri}`;
  const wrongLine = line === expected ? [] : [`request is ${line}, not ${expected}`];
  const input = operation.input?.shape ?? '';
  const value = model.metadata.protocol === 'query' ? formInput(request) : restInput(model.shapes[input], request);
  return [...wrongLine, ...shapeComplaints(model.shapes, input, value, 'request')];
}

function restInput(shape: Shape | undefined, { headers, query, body }: Entry['request']): unknown {
  const located = Object.entries(shape?.members ?? {}).filter(([, member]) => member.location !== undefined);
  const values = located.map(([name, { location, locationName = name }]) => [
    name,
    location === 'header' ? headers[locationName] : (query.get(locationName) ?? undefined),
  ]);
  return { ...Object.fromEntries(values), ...(body === '' ? {} : bodyMembers(shape, body)) };
}

const bodyMembers = (shape: Shape | undefined, body: string): object =>
  shape?.payload === undefined ? JSON.parse(body) : { [shape.payload]: JSON.parse(body) };

function formInput({ method, query, body }: Entry['request']): unknown {
  const form = [...(method === 'GET' ? query : new URLSearchParams(body))];
  const own = form.filter(([name]) => name !== 'Action' && name !== 'Version' && !name.startsWith('X-Amz-'));
  return nested(own.map(([name, value]) => [name.split('.'), value]));
}

/** `Tags.member.1.Key` is the member `Key` of the first item of the list `Tags`. */
function nested(fields: readonly (readonly [path: readonly string[], value: string])[]): unknown {
  const [first] = fields;
  if (first?.[0].length === 0) return first[1];
  if (first?.[0][0] === 'member') return itemsOf(fields.map(([path, value]) => [path.slice(1), value]));
  return Object.fromEntries(byHead(fields));
}

const itemsOf = (fields: Parameters<typeof nested>[0]): readonly unknown[] => [...byHead(fields).values()];

function byHead(fields: Parameters<typeof nested>[0]): ReadonlyMap<string, unknown> {
  const heads = new Set(fields.map(([[head = '']]) => head));
  const inside = (head: string) => fields.filter(([path]) => path[0] === head);
  return new Map([...heads].map((head) => [head, nested(inside(head).map(([path, value]) => [path.slice(1), value]))]));
}

function answerComplaints(subject: Subject): readonly string[] {
  const { model, operation, entry } = subject;
  if (entry.answer === null) return [];
  const { status, headers, body } = entry.answer;
  const missingId = headers['x-amzn-requestid'] === undefined ? ['answer lacks x-amzn-RequestId'] : [];
  if (status !== 200) return [...missingId, ...refusalComplaints(subject, status)];
  const output = operation.output;
  if (output === undefined)
    return body === '' ? missingId : [...missingId, 'answer has a body where the model has none'];
  return [...missingId, ...shapeComplaints(model.shapes, output.shape, outputOf(subject, body), 'answer')];
}

function outputOf({ model, operation, entry }: Subject, body: string): unknown {
  if (model.metadata.protocol !== 'query') return bodyMembers(model.shapes[operation.output?.shape ?? ''], body);
  return child(child(readXml(body), `${entry.operation}Response`), operation.output?.resultWrapper ?? '');
}

function refusalComplaints({ model, operation, entry }: Subject, status: number): readonly string[] {
  const { name, body } = model.metadata.protocol === 'query' ? queryRefusal(entry) : restRefusal(entry);
  const shapeName = operation.errors?.map(({ shape }) => shape).find((shape) => codeOf(model.shapes, shape) === name);
  const shape = shapeName === undefined ? undefined : model.shapes[shapeName];
  // A refusal to which the model gives no status has several: the AccessDeniedException of sign-in.
  const expected = shape === undefined ? unmodelled[name]?.status : (shape.error?.httpStatusCode ?? status);
  if (expected === undefined) return [`answers with the unknown error "${name}"`];
  const wrongStatus = status === expected ? [] : [`answers ${name} with ${status} instead of ${expected}`];
  if (shapeName === undefined || body === null) return wrongStatus;
  return [...wrongStatus, ...shapeComplaints(model.shapes, shapeName, body, name)];
}

const codeOf = (shapes: Shapes, shape: string): string => shapes[shape]?.error?.code ?? shape;

/** The header carries the type for every SDK; `__type` in the body is for those that look there. */
function restRefusal({ answer }: Entry): { readonly name: string; readonly body: unknown } {
  const { __type: _type, ...body } = JSON.parse(answer?.body ?? '{}');
  return { name: (answer?.headers['x-amzn-errortype'] ?? '').split(':')[0] ?? '', body };
}

function queryRefusal({ answer }: Entry): { readonly name: string; readonly body: null } {
  const error = child(child(readXml(answer?.body ?? ''), 'ErrorResponse'), 'Error');
  return { name: String(child(error, 'Code')), body: null };
}

const child = (value: XmlValue | undefined, name: string): XmlValue | undefined =>
  typeof value === 'object' ? value[name] : undefined;
