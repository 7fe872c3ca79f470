// Starts the sample application as a visitor would (npm start), kills it in the rudest way, starts it again on the same
// port, and ends it politely. Fails when it does not answer, does not end, or leaves a process behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { groupMembers } from './process-identity.mjs';

const answerWithinMs = 180_000;
const endWithinMs = 30_000;
const pollMs = 100;

const port = await freePort();
for (const round of [
  { say: 'killed', end: (npm) => process.kill(-npm.pid, 'SIGKILL') },
  { say: 'terminated', end: (npm) => npm.kill('SIGTERM') },
]) {
  const npm = start();
  try {
    const status = await until(answerWithinMs, () => answer(npm));
    if (status >= 400) throw new Error(`GET / was answered with status ${status}`);
    round.end(npm);
    await until(endWithinMs, () => !groupExists(npm.pid));
    console.log(`started, answered on port ${port} with status ${status}, ${round.say}, nothing left behind`);
  } catch (error) {
    console.error(`${round.say}: ${error.message}`);
    process.exitCode = 1;
  } finally {
    if (npm.pid !== undefined && groupExists(npm.pid)) process.kill(-npm.pid, 'SIGKILL');
  }
}

/** In a process group of its own, so that we see whether anything of it is left. */
function start() {
  return spawn('npm', ['start'], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PORT: String(port) },
  });
}

async function answer(npm) {
  if (npm.exitCode !== null) throw new Error(`npm start ended by itself with exit status ${npm.exitCode}`);
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) });
    return status;
  } catch {
    return undefined;
  }
}

async function until(withinMs, condition) {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endsAt) throw new Error(`waited ${withinMs} ms in vain`);
    await sleep(pollMs);
  }
}

function groupExists(leader) {
  const members = groupMembers(leader);
  if (members !== undefined) return members.length > 0;
  try {
    process.kill(-leader, 0);
    return true;
  } catch {
    return false;
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address();
  server.close();
  await once(server, 'close');
  return free;
}
