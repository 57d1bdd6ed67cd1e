/** Parts of a YAML document whose scalars are read as the texts they are: what is added must be a text to every other reader, too. */
import type { Document, YAMLMap } from 'yaml';
import { isScalar, Scalar, visit } from 'yaml';

/** Maps, lists and texts, quoted wherever some reader of YAML could take one for something else. */
export const node = (document: Document, value: unknown): unknown => {
  const made = document.createNode(value);
  visit(made, {
    Scalar: (_key, scalar) => {
      if (!isPlain(String(scalar.value))) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return made;
};

/** A value that is no text to other readers, such as `false`. */
export const plain = (text: string): Scalar => Object.assign(new Scalar(text), { type: Scalar.PLAIN });

/** In place of what is there, with the comment that stands beside it. */
export const setNode = (map: YAMLMap, key: string, value: unknown): void => {
  const old = map.get(key, true);
  if (isScalar(old) && isScalar(value)) {
    const { comment, commentBefore, spaceBefore } = old;
    Object.assign(value, { comment, commentBefore, spaceBefore });
  }
  map.set(key, value);
};

/** Also to those that know `yes`, `0o7` and `1e3`. */
const isPlain = (text: string): boolean =>
  /^[A-Za-z/][\w./@+-]*(?:[:=][\w./@+-]+)*=*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text);
