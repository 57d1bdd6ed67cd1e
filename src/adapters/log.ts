/** The daemon's log: JSON lines by pino, in a private file of bounded size. */
import pino from 'pino';
import { BrokerError } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import { escapeControls, redact } from './redact.ts';
import { RotatingFile } from './rotating-file.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where finished lines go; synchronous, so that the last words before a crash are kept. */
export interface LogLines {
  readonly write: (line: string) => void;
}

const maxBytes = 5 * 1024 * 1024;
const files = 3;

/** Throws a `BrokerError` when it cannot be opened. */
export const logFile = (path: string): LogLines => {
  try {
    return new RotatingFile({ path, maxBytes, files });
  } catch (cause) {
    throw new BrokerError('Failed', `The log "${path}" cannot be opened. Move it away, or check its owner`, { cause });
  }
};

export const openLog = (lines: LogLines, level: LogLevel): Log => {
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => lines.write(escapeControls(line)) },
  );
  const at =
    (name: LogLevel): Log[LogLevel] =>
    (fields, message) =>
      logger[name](redact(fields), String(redact(message)));
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};
