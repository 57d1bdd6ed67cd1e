/**
 * Reads the lines of an AWS configuration file: every line that any of the AWS tools reads, with a complaint about
 * what some of them refuse. Never throws, never repeats a value in a complaint. Which sections count is decided in
 * `aws-sections.ts`. Indentation is botocore's: a line indented further than its key continues the value.
 */
import type { Diagnostic } from '../src/core/settings.ts';

interface IniValue {
  /** Without an inline comment, as the specification and most SDKs read it. */
  readonly value: string;
  /** With it, as botocore and the AWS CLI read it. */
  readonly raw: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface IniKey extends IniValue {
  /** The `key = value` lines indented below an empty value, as under `s3 =`; null for a plain value. */
  readonly nested: ReadonlyMap<string, IniValue> | null;
}

export interface IniSection {
  /** What stands between the brackets. */
  readonly header: string;
  readonly line: number;
  /** Names in lower case. */
  readonly keys: ReadonlyMap<string, IniKey>;
}

export interface IniFile {
  /** In the file's order; a header that stands twice is here twice. */
  readonly sections: readonly IniSection[];
  readonly diagnostics: readonly Diagnostic[];
}

export const parseIni = (text: string, file: string): IniFile => {
  const reader = new IniReader(file);
  const lines = text.split(/\r\n|\n|\r/);
  for (const [index, line] of lines.entries()) reader.read(line, index + 1);
  return reader;
};

interface OpenKey extends IniKey {
  value: string;
  raw: string;
  readonly indent: number;
  nested: Map<string, IniValue> | null;
}

interface OpenSection extends IniSection {
  readonly keys: Map<string, OpenKey>;
}

class IniReader implements IniFile {
  readonly sections: OpenSection[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly #file: string;
  #section: OpenSection | null = null;
  #key: OpenKey | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  read(text: string, line: number): void {
    if (line === 1 && text.startsWith('\uFEFF')) {
      this.#warn(line, '', 'The AWS CLI will reject this file for its byte order mark; save it as UTF-8 without one');
    }
    // The byte order mark counts as white space here.
    const trimmed = text.trim();
    if (trimmed === '' || isComment(trimmed)) return;
    const indent = text.length - text.trimStart().length;
    if (this.#key !== null && indent > this.#key.indent) this.#continue(this.#key, trimmed, line);
    else if (trimmed.startsWith('[')) this.#openSection(trimmed, line);
    else this.#openKey(trimmed, line, indent);
  }

  #openSection(trimmed: string, line: number): void {
    this.#key = null;
    const match = headerLine.exec(trimmed);
    // Keys below a header that cannot be read belong to nobody, least of all to the section before it.
    this.#section = { header: match?.[1]?.trim() ?? '', line, keys: new Map() };
    if (match === null) {
      return this.#error(line, '', 'The section header has no closing "]", so its keys are ignored; add the bracket');
    }
    const { header } = this.#section;
    const earlier = this.sections.find((section) => section.header === header);
    if (earlier !== undefined) {
      const where = `"[${header}]" stands here and on line ${earlier.line}`;
      this.#warn(line, header, `The AWS CLI will reject this file because ${where}; merge the two`);
    }
    this.sections.push(this.#section);
  }

  #openKey(trimmed: string, line: number, indent: number): void {
    if (this.#section === null) {
      return this.#error(
        line,
        '',
        'The line stands before the first section; write a header such as [default] above it',
      );
    }
    this.#key = null;
    const pair = splitPair(trimmed);
    if (pair === null) return this.#error(line, this.#section.header, unreadable);
    const earlier = this.#section.keys.get(pair.name);
    if (earlier !== undefined) {
      const where = `"${pair.name}" stands here and on line ${earlier.line}`;
      this.#warn(line, pair.name, `The AWS CLI will reject this file because ${where}; keep one`);
    }
    this.#key = { value: pair.value, raw: pair.raw, line, indent, nested: null };
    this.#section.keys.set(pair.name, this.#key);
  }

  #continue(key: OpenKey, trimmed: string, line: number): void {
    const isNested = key.nested !== null || key.value === '';
    key.value += `\n${trimmed}`;
    key.raw += `\n${trimmed}`;
    if (!isNested) return;
    key.nested ??= new Map();
    const pair = splitPair(trimmed);
    if (pair === null) return this.#error(line, this.#section?.header ?? '', unreadable);
    key.nested.set(pair.name, { value: pair.value, raw: pair.raw, line });
  }

  #warn(line: number, key: string, message: string): void {
    this.diagnostics.push({ severity: 'warning', file: this.#file, line, key, message });
  }

  #error(line: number, key: string, message: string): void {
    this.diagnostics.push({ severity: 'error', file: this.#file, line, key, message });
  }
}

const unreadable = 'The AWS CLI will reject this file for this line; write it as key = value, or put "#" before it';

// Quoted names may hold a bracket. An apostrophe that opens no quotation is an ordinary character.
const headerLine = /^\[((?:"[^"]*"|'[^']*'|[^\]"'])*|[^\]]*)\]/;

const isComment = (trimmed: string): boolean => trimmed.startsWith('#') || trimmed.startsWith(';');

/** The first `=` or `:` divides, as in botocore; null where there is none, or nothing before it. */
const splitPair = (trimmed: string): { readonly name: string; readonly value: string; readonly raw: string } | null => {
  const at = trimmed.search(/[=:]/);
  if (at < 1) return null;
  const rest = trimmed.slice(at + 1);
  return {
    name: trimmed.slice(0, at).trimEnd().toLowerCase(),
    value: rest.replace(/\s[#;].*$/s, '').trim(),
    raw: rest.trim(),
  };
};
