/** The rest-json half of a request. Unknown members are ignored, as the services do; known ones must have their type. */
import type { Call } from './call.ts';
import { oidcError, protocolError } from './errors.ts';

type Members = Readonly<Record<string, unknown>>;

export function jsonBody(call: Call): Members {
  const mediaType = (call.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw protocolError('SerializationException');
  const value = parse(call.body);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw protocolError('SerializationException');
  return value as Members;
}

export function optionalText(members: Members, name: string): string | null {
  const value = members[name] ?? null;
  if (value !== null && typeof value !== 'string') throw protocolError('SerializationException');
  return value;
}

export function requiredText(members: Members, name: string): string {
  const value = optionalText(members, name);
  if (value === null || value === '') throw oidcError('InvalidRequestException', `Missing required parameter ${name}`);
  return value;
}

export function textList(members: Members, name: string): readonly string[] {
  const value = members[name] ?? [];
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (!isList) throw protocolError('SerializationException');
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw protocolError('SerializationException');
  }
}
