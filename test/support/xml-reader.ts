/** Text, or children by name. */
export type XmlValue = string | { readonly [name: string]: XmlValue };

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Reads XML as STS answers it: elements of distinct names, no attributes but the namespace, no comments. */
export function readXml(text: string): XmlValue {
  const children: [string, XmlValue][] = [];
  const rest = text.replaceAll(/<(\w+)(?: xmlns="[^"]*")?>(.*?)<\/\1>/gs, (_all, name: string, content: string) => {
    children.push([name, readXml(content)]);
    return '';
  });
  if (children.length === 0) return unescaped(text);
  if (rest.trim() !== '') throw new Error(`Text between elements: ${rest}`);
  return Object.fromEntries(children);
}

function unescaped(text: string): string {
  if (text.includes('<')) throw new Error(`Not well-formed: ${text}`);
  return text.replaceAll(/&([^;]+);/g, (_all, name: string) => {
    const character = entities[name];
    if (character === undefined) throw new Error(`Unknown entity: ${name}`);
    return character;
  });
}
