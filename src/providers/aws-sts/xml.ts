import { XMLParser } from 'fast-xml-parser';

export type XmlObject = Readonly<Record<string, unknown>>;

/**
 * A document with one root element; null for anything else. A document type is refused: what STS says needs none, and
 * entities that a text defines by itself are how parsers are attacked.
 */
export const parseXml = (text: string): XmlObject | null => {
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) return null;
  const document = parsed(text);
  const [root, ...others] = Object.keys(document ?? {});
  // The parser closes by itself what was cut off.
  if (root === undefined || others.length > 0 || !text.trimEnd().endsWith(`</${root}>`)) return null;
  return document;
};

const parsed = (text: string): XmlObject | null => {
  // Entities by number are among those of HTML for this parser.
  const options = { ignoreAttributes: true, ignoreDeclaration: true, parseTagValue: false, htmlEntities: true };
  try {
    return new XMLParser(options).parse(text) as XmlObject;
  } catch {
    return null;
  }
};

/** The text of the element at that path, null where there is none or it is empty. */
export const textAt = (document: XmlObject, ...path: readonly string[]): string | null => {
  let value: unknown = document;
  for (const name of path) value = typeof value === 'object' && value !== null ? (value as XmlObject)[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
};
