/** Where a person enters, or confirms, the code that a device shows. */
import type { Answer, Handler } from '../call.ts';
import { decisionForm, messagePage, page } from '../pages.ts';
import { escapeXml } from '../xml.ts';
import { consent } from './authorize.ts';
import type { Device } from './devices.ts';
import type { IssuerParts } from './parts.ts';

export const showDevice =
  (parts: IssuerParts): Handler =>
  (call) => {
    const code = call.query.get('user_code') ?? '';
    const device = parts.devices.findPending(code);
    if (device === undefined) return codeForm(code === '' ? 200 : 404, code);
    return parts.people.autoApprove ? decided(parts, device, true) : confirmPage(device, parts.people.userName);
  };

export const decideDevice =
  (parts: IssuerParts): Handler =>
  (call) => {
    const form = new URLSearchParams(call.body);
    const code = form.get('user_code') ?? '';
    const device = parts.devices.findPending(code);
    return device === undefined ? codeForm(404, code) : decided(parts, device, form.get('decision') === 'allow');
  };

function decided({ devices }: IssuerParts, device: Device, allow: boolean): Answer {
  devices.decide(device, allow);
  return allow
    ? messagePage(200, 'Request approved', 'The device is signed in. You can close this window.')
    : messagePage(200, 'Request denied', 'The device gets no access. You can close this window.');
}

const confirmPage = ({ client, scopes, userCode }: Device, userName: string): Answer =>
  page(
    200,
    `Allow ${client.clientId}?`,
    `<p>Compare this code with the one on your device:</p>
<p class="code">${escapeXml(userCode)}</p>
${consent(client, scopes, userName)}
${decisionForm('/issuer/device', 'user_code', userCode)}`,
  );

const codeForm = (status: number, unknownCode: string): Answer =>
  page(
    status,
    'Enter the code from your device',
    `${unknownCode === '' ? '' : `<p role="alert">No device waits with the code ${escapeXml(unknownCode)}.</p>`}
<form method="get" action="/issuer/device">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" required autofocus autocomplete="off" spellcheck="false">
<button>Continue</button>
</form>`,
  );
