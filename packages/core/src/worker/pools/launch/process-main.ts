// What a child of the pool `processes` runs.
import { Socket } from 'node:net';
import { HopLines } from '../hop/hop-lines.js';
import { serveChild } from '../child/serve-child.js';
import { watchParent } from './watch-parent.js';

/** As the parent has made it. */
const channelFd = 3;

// A terminal and a service manager send these to all processes of a program. The parent decides what they mean.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);

const channel = new Socket({ fd: channelFd });
const lines = new HopLines(
  serveChild({
    send: (line) => void channel.write(`${line}\n`),
    // What was told last must leave.
    exit: () => channel.end(() => process.exit(0)),
    memory: () => process.memoryUsage.rss(),
  }),
);
channel.setEncoding('utf8');
channel.on('data', (text: string) => lines.push(text));
channel.on('error', () => process.exit(1));
// The parent is gone: nobody waits for what is done here, and another worker gets the message.
channel.on('close', () => process.exit(1));

watchParent(Number(process.argv[2]));
