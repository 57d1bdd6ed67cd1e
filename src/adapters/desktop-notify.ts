/**
 * Shows one notification on the user's desktop, if there is one. Titles and bodies hold names out of a configuration:
 * they reach the program as whole arguments or variables, never as part of a script, and as text, never as markup.
 */
import { win32 } from 'node:path';
import type { Log, Timers } from '../core/ports.ts';
import { runShortCommand, withDeadline } from './short-command.ts';

export interface NotifyHost {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly timers: Timers;
  readonly log: Log;
}

interface DesktopNotice {
  readonly title: string;
  readonly body: string;
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the environment of the daemon. */
  readonly variables: Readonly<Record<string, string>>;
}

/** PowerShell may need some seconds to start. */
const deadlineMs = 10_000;
const longestTitle = 100;
const longestBody = 400;

/** What it returns comes back at once and never throws. One program runs at a time; of what comes meanwhile the last is shown. */
export const openDesktopNotify = (host: NotifyHost): ((title: string, body: string) => void) => {
  let isShowing = false;
  let next: DesktopNotice | null = null;
  const showAll = async (): Promise<void> => {
    isShowing = true;
    try {
      for (let notice = next; notice !== null; notice = next) {
        next = null;
        await show(notice, host);
      }
    } finally {
      isShowing = false;
    }
  };
  return (title, body) => {
    next = { title: plainText(title, longestTitle) || 'credbroker', body: plainText(body, longestBody) };
    if (isShowing) return;
    // What failed is in the log; a log that fails too has nobody to tell.
    showAll().catch(() => {});
  };
};

/** One line without control, formatting and broken characters, of at most so many code points. */
export const plainText = (text: string, longest: number): string => {
  const points = Array.from(text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim());
  return points.length <= longest ? points.join('') : `${points.slice(0, longest - 1).join('')}…`;
};

const show = (notice: DesktopNotice, { env, platform, timers, log }: NotifyHost): Promise<void> =>
  withDeadline(timers, deadlineMs, async (signal) => {
    const programs = programsFor(notice, env, platform);
    if (programs.length === 0) log.debug({}, 'There is no desktop to show a notification on');
    for (const { command, args, variables } of programs) {
      const end = await runShortCommand({ command, args, env: { ...env, ...variables }, signal });
      if (end.type === 'done') return;
      log.debug({ command, detail: end.detail }, 'A notification was not shown');
    }
  });

/** Each is tried when the one before failed. None where there is no desktop. */
const programsFor = (notice: DesktopNotice, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): readonly Program[] => {
  if (platform === 'darwin') return [osascript(notice)];
  if (platform === 'win32') return [powershell(notice, env['SystemRoot'] ?? 'C:\\Windows')];
  return hasDesktop(env) ? [notifySend(notice), gdbus(notice)] : [];
};

const hasDesktop = (env: NodeJS.ProcessEnv): boolean =>
  [env['DISPLAY'], env['WAYLAND_DISPLAY'], env['DBUS_SESSION_BUS_ADDRESS']].some(
    (value) => value !== undefined && value !== '',
  );

/** It reads C escapes in the body, and the desktop reads markup there. */
const notifySend = ({ title, body }: DesktopNotice): Program => ({
  command: 'notify-send',
  args: ['--app-name=credbroker', '--', title, withoutMarkup(body).replaceAll('\\', '\\\\')],
  variables: {},
});

/** Arguments are GVariant literals; see the Desktop Notifications Specification for `Notify`. */
const gdbus = ({ title, body }: DesktopNotice): Program => ({
  command: 'gdbus',
  args: [
    ...['call', '--session', '--dest=org.freedesktop.Notifications', '--object-path=/org/freedesktop/Notifications'],
    '--method=org.freedesktop.Notifications.Notify',
    ...['"credbroker"', 'uint32 0', '""', gvariant(title), gvariant(withoutMarkup(body)), '@as []', '@a{sv} {}'],
    'int32 -1',
  ],
  variables: {},
});

/** The first word after the script ends its options, so that the others may begin with a dash. */
const osascript = ({ title, body }: DesktopNotice): Program => ({
  command: 'osascript',
  args: [
    ...['-e', 'on run argv'],
    ...['-e', 'display notification (item 3 of argv) with title (item 2 of argv)'],
    ...['-e', 'end run'],
    ...['credbroker', title, body],
  ],
  variables: {},
});

const powershell = ({ title, body }: DesktopNotice, systemRoot: string): Program => ({
  command: win32.join(systemRoot, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe'),
  args: ['-NoProfile', '-NonInteractive', '-EncodedCommand', Buffer.from(toast, 'utf16le').toString('base64')],
  variables: { CREDBROKER_NOTICE_TITLE: title, CREDBROKER_NOTICE_BODY: body },
});

/** Windows shows notifications of registered programs only; PowerShell itself is one. */
const toast = `$ErrorActionPreference = 'Stop'
$null = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$null = [Windows.Data.Xml.Dom.XmlDocument, Windows.Data.Xml.Dom.XmlDocument, ContentType = WindowsRuntime]
$kind = [Windows.UI.Notifications.ToastTemplateType]::ToastText02
$template = [xml] [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent($kind).GetXml()
$lines = $template.GetElementsByTagName('text')
$null = $lines.Item(0).AppendChild($template.CreateTextNode($env:CREDBROKER_NOTICE_TITLE))
$null = $lines.Item(1).AppendChild($template.CreateTextNode($env:CREDBROKER_NOTICE_BODY))
$document = New-Object Windows.Data.Xml.Dom.XmlDocument
$document.LoadXml($template.OuterXml)
$program = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
$notifier = [Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($program)
$notifier.Show((New-Object Windows.UI.Notifications.ToastNotification $document))
`;

const withoutMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const gvariant = (text: string): string => `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;
