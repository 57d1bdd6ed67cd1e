/** Receives the redirect that ends a sign-in in the browser. It lives for one sign-in and answers nobody but this machine. */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Loopback, LoopbackPage } from '../providers/provider.ts';

/** At a free port of 127.0.0.1. What is shown is escaped. */
export const openLoopback = async (answer: (url: URL) => LoopbackPage): Promise<Loopback> => {
  const answering = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    answering.add(response.once('close', () => answering.delete(response)));
    // Asked for now, because port 0 has become another.
    const origin = `http://127.0.0.1:${portOf(server)}`;
    write(response, pageFor(request, origin, answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: portOf(server), close: () => close(server, answering) };
};

const pageFor = (
  { method, url, headers }: IncomingMessage,
  origin: string,
  answer: (url: URL) => LoopbackPage,
): LoopbackPage => {
  // Another name for this address would be a page elsewhere that had its name point here.
  const genuine = method === 'GET' && headers.host === new URL(origin).host && url?.startsWith('/') === true;
  return genuine && URL.canParse(origin + url) ? answer(new URL(origin + url)) : refused;
};

const refused: LoopbackPage = {
  status: 400,
  title: 'Not expected',
  text: 'This address only receives the end of a sign-in.',
};

const close = async (server: Server, answering: ReadonlySet<ServerResponse>): Promise<void> => {
  const closed = once(server, 'close');
  server.close();
  await Promise.all(Array.from(answering, (response) => once(response, 'close')));
  // Browsers hold connections open on which they ask nothing.
  server.closeAllConnections();
  await closed;
};

const write = (response: ServerResponse, { status, title, text }: LoopbackPage): void => {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(render(escaped(title), escaped(text)));
};

// The look of the emulator's pages.
const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 10vh auto; max-width: 32rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; }
`;

const styleHash = `sha256-${hash('sha256', style, 'base64')}`;

const render = (title: string, text: string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p role="status">${text}</p>
</main>
</body>
</html>
`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
