import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ChildExit, ChildLauncher, ChildLink, ChildListener } from './child-link.js';
import { HopLines } from '../hop/hop-lines.js';

/** Where a child process finds the way to its parent: after standard input, output and error. */
export const channelFd = 3;

/**
 * Children that are processes. They have the environment, the folder and the output streams of this process, and a way of their
 * own to it: a pipe, so that what tasks tell by `process.send` or print is no business of ours.
 */
export class ProcessLauncher implements ChildLauncher {
  /** @param program URL of what a child runs */
  constructor(private readonly program: URL = new URL('./process-main.js', import.meta.url)) {}

  launch({ onLine, onGone }: ChildListener): ChildLink {
    const args = [...inheritedOptions(process.execArgv), fileURLToPath(this.program), String(process.pid)];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      env: process.env,
    });
    const channel = child.stdio[channelFd] as Duplex | null | undefined;
    const lines = new HopLines(onLine);
    channel?.setEncoding('utf8');
    channel?.on('data', (text: string) => {
      try {
        lines.push(text);
      } catch {
        child.kill('SIGKILL');
      }
    });
    // It has ended, which its exit tells.
    channel?.on('error', () => undefined);
    whenGone(child, channel, onGone);
    return {
      name: `process ${child.pid ?? '?'}`,
      send: (line) => {
        if (channel?.writable === true) channel.write(`${line}\n`);
      },
      kill: () => void child.kill('SIGKILL'),
    };
  }
}

/** What was written before the end is read first: the end of the channel comes after it. */
function whenGone(
  child: ChildProcess,
  channel: Duplex | null | undefined,
  onGone: (exit: ChildExit) => void,
): void {
  let exit: ChildExit | undefined;
  let open = channel !== null && channel !== undefined;
  const told = (): void => {
    if (exit !== undefined && !open) onGone(exit);
  };
  channel?.once('close', () => {
    open = false;
    told();
  });
  child.once('exit', (code, signal) => {
    exit ??= { how: signal === null ? `it exited with code ${code}` : `${signal} has ended it` };
    // Its own children do not have the channel, so this is its end, too.
    if (channel?.readableEnded === true) channel.destroy();
    told();
  });
  child.once('error', (error) => {
    if (child.pid !== undefined) return;
    exit = { how: `it could not be started: ${error.message}` };
    channel?.destroy();
    told();
  });
}

/** Options of Node for children, too; not those of a debugger, whose port is taken, and no program of the command line. */
export function inheritedOptions(options: readonly string[]): readonly string[] {
  const inherited: string[] = [];
  for (let index = 0; index < options.length; index += 1) {
    const option = options[index] as string;
    if (/^(-e|-p|-pe|--eval|--print)$/.test(option)) index += 1;
    else if (!/^--(inspect|debug|input-type|watch|test\b)/.test(option)) inherited.push(option);
  }
  return inherited;
}
