/** The pages a person sees: plain HTML without scripts, made to be read by a screen reader and driven by a keyboard. */
import { hash } from 'node:crypto';
import type { SignInRequest } from './authorization-codes.ts';
import type { Answer } from './call.ts';
import type { Device } from './devices.ts';
import { escapeXml } from './xml.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 10vh auto; max-width: 32rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; }
.code { font: 1.5rem monospace; letter-spacing: .1em; }
label, input { display: block; }
input, button { font: inherit; padding: .5rem 1rem; margin: 1rem 1rem 0 0; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
`;

const styleHash = hash('sha256', style, 'base64');

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  // Chromium applies form-action to the redirect that follows a form too, and that one leads to the client's own port.
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self' http://127.0.0.1:*; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export const messagePage = (status: number, title: string, text: string): Answer =>
  page(status, title, `<p role="status">${escapeXml(text)}</p>`);

export const signInPage = (request: SignInRequest, userName: string): Answer =>
  page(
    200,
    `Allow ${request.client.clientName}?`,
    `${consent(request.client.clientName, request.scopes, userName)}
${decisionForm('/signin', 'request', request.id)}`,
  );

export const devicePage = (device: Device, userName: string): Answer =>
  page(
    200,
    `Allow ${device.client.clientName}?`,
    `<p>Compare this code with the one on your device:</p>
<p class="code">${escapeXml(device.userCode)}</p>
${consent(device.client.clientName, device.client.scopes, userName)}
${decisionForm('/device', 'user_code', device.userCode)}`,
  );

export const codeForm = (status: number, unknownCode: string): Answer =>
  page(
    status,
    'Enter the code from your device',
    `${unknownCode === '' ? '' : `<p role="alert">No device waits with the code ${escapeXml(unknownCode)}.</p>`}
<form method="get" action="/device">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" required autofocus autocomplete="off" spellcheck="false">
<button>Continue</button>
</form>`,
  );

const consent = (clientName: string, scopes: readonly string[], userName: string): string =>
  `<p>You are signed in as ${escapeXml(userName)}. <strong>${escapeXml(clientName)}</strong> asks for:</p>
<ul>${(scopes.length > 0 ? scopes : ['access to your AWS accounts']).map((scope) => `<li>${escapeXml(scope)}</li>`).join('')}</ul>`;

/** `name` and `value` come back with the decision. */
export const decisionForm = (action: string, name: string, value: string): string =>
  `<form method="post" action="${action}">
<input type="hidden" name="${name}" value="${escapeXml(value)}">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`;

/** `content` is markup: text in it must be escaped already. */
export const page = (status: number, title: string, content: string): Answer => ({
  status,
  headers: pageHeaders,
  body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
${content}
</main>
</body>
</html>
`,
});
