/** Where a person enters, or confirms, the code that a device shows. */
import type { Answer, Handler } from './call.ts';
import type { Device, Devices } from './devices.ts';
import type { Knobs } from './knobs.ts';
import { codeForm, devicePage, messagePage } from './pages.ts';

export const showDevice =
  (knobs: Knobs, devices: Devices): Handler =>
  (call) => {
    const code = call.query.get('user_code') ?? '';
    const device = devices.findPending(code);
    if (knobs.autoApprove) return device === undefined ? allowed : decided(devices, device, true);
    if (device !== undefined) return devicePage(device, knobs.userName);
    return codeForm(code === '' ? 200 : 404, code);
  };

export const decideDevice =
  (devices: Devices): Handler =>
  (call) => {
    const form = new URLSearchParams(call.body);
    const code = form.get('user_code') ?? '';
    const device = devices.findPending(code);
    return device === undefined ? codeForm(404, code) : decided(devices, device, form.get('decision') === 'allow');
  };

function decided(devices: Devices, device: Device, allow: boolean): Answer {
  devices.decide(device, allow);
  return allow ? allowed : messagePage(200, 'Request denied', 'The device gets no access. You can close this window.');
}

const allowed = messagePage(200, 'Request approved', 'The device is signed in. You can close this window.');
