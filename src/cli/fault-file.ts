/** The emulator's `--faults` file: JSON, a list of `{ "operation", "fault", "times" }`. */
import { readFile } from 'node:fs/promises';
import { messageOf } from '../core/errors.ts';
import type { Fault } from '../emulator/index.ts';
import { isOperation, type Operation } from '../emulator/operations.ts';
import { systemCode, usage } from './exit.ts';

export interface FaultLine {
  readonly operation: Operation | '*';
  readonly fault: Fault;
  /** Null for every call. */
  readonly times: number | null;
}

/** `hold` and `holdAnswer` are missing: nobody could let go of the calls they hold. */
const kinds: ReadonlySet<string> = new Set<Fault['kind']>([
  'status',
  'malformedJson',
  'badGateway',
  'captivePortal',
  'truncated',
  'resetBefore',
  'resetAfter',
  'delay',
  'trickle',
]);

export async function readFaults(path: string): Promise<readonly FaultLine[]> {
  let list: unknown;
  try {
    list = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw usage(`There is no file "${path}". Give --faults a JSON list of faults`);
    throw usage(`"${path}" cannot be read: ${messageOf(error)}`);
  }
  if (!Array.isArray(list)) throw usage(`"${path}" must hold a JSON list of faults`);
  return list.map((line, at) => faultLine(line, `"${path}", fault ${at + 1}:`));
}

function faultLine(line: unknown, where: string): FaultLine {
  const { operation, fault, times = null } = isObject(line) ? line : {};
  if (operation !== '*' && !isOperation(operation)) throw usage(`${where} "operation" must name one, or be "*"`);
  if (!isFault(fault)) throw usage(`${where} "fault" needs a "kind": ${[...kinds].join(', ')}`);
  if (times !== null && !isCount(times)) throw usage(`${where} "times" must be a whole number from 1 on`);
  return { operation, fault, times };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0;

function isFault(value: unknown): value is Fault {
  if (!isObject(value) || !kinds.has(String(value['kind']))) return false;
  if (value['kind'] === 'status') return Number.isInteger(value['status']);
  return !['delay', 'trickle'].includes(String(value['kind'])) || isCount(value['ms']);
}
