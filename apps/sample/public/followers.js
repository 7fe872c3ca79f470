import { readTask, taskPath } from './api.js';

/**
 * A follower tells a listener what becomes of a task until it is over:
 *
 *   changed(view)     the task as GET /tasks/:id answers it
 *   unknown()         the server does not know the id (any more)
 *   trouble(message)  the server can not be asked now; the follower goes on trying
 *
 * Each function here starts one, and gives the function that stops it.
 */

const firstDelayMs = 250;
const longestDelayMs = 3000;
const backoff = 1.4;

/** Asks again and again: soon after a change, ever more rarely while nothing changes. */
export function followByPolling(id, listener) {
  let stopped = false;
  let timer;
  let delayMs = firstDelayMs;
  let last;

  const ask = async () => {
    try {
      const view = await readTask(id);
      if (stopped) return;
      listener.changed(view);
      if (view.ready) return;
      const now = JSON.stringify(view);
      delayMs = now === last ? Math.min(delayMs * backoff, longestDelayMs) : firstDelayMs;
      last = now;
    } catch (error) {
      if (stopped) return;
      if (error.status === 404) {
        listener.unknown();
        return;
      }
      listener.trouble(error.message);
      delayMs = Math.min(delayMs * backoff, longestDelayMs);
    }
    timer = setTimeout(() => void ask(), delayMs);
  };

  void ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** A browser opens six connections to a server at most, and the page needs some for other things. */
const mostStreams = 4;
let openStreams = 0;

/** Lets the server tell, by server-sent events; the tasks for which no connection is left are polled. */
export function followByEvents(id, listener) {
  if (openStreams >= mostStreams) return followByPolling(id, listener);
  const stream = new EventSource(`${taskPath(id)}/events`);
  let stop = () => {
    stop = () => undefined;
    stream.close();
    openStreams -= 1;
  };
  openStreams += 1;

  stream.addEventListener('message', ({ data }) => {
    const view = JSON.parse(data);
    if (view.ready) stop();
    listener.changed(view);
  });
  stream.addEventListener('error', () => {
    if (stream.readyState !== EventSource.CLOSED) {
      listener.trouble('The server does not answer.');
      return;
    }
    // The browser has given up, and does not tell why. Asking tells.
    stop();
    stop = followByPolling(id, listener);
  });
  return () => stop();
}
