import type { Answer } from './call.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For XML text and for HTML text and quoted attributes. */
export const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** `content` is markup: text in it must be escaped already. */
export const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

export const xml = (status: number, root: string, content: string): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<${root} xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${content}</${root}>`,
});
