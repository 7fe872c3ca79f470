import { readGroup } from './api.js';

const everyMs = 300;

/** Asks for the members of a group until they are over, and shows them. Gives the function that stops it. */
export function followGroup(id, show) {
  let stopped = false;
  let timer;

  const ask = async () => {
    let ready = false;
    try {
      const group = await readGroup(id);
      if (stopped) return;
      ready = group.ready;
      show(group.members);
    } catch (error) {
      // Who follows the task itself tells of the trouble.
      ready = error.status === 404;
    }
    if (!ready && !stopped) timer = setTimeout(() => void ask(), everyMs);
  };

  void ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** A box for each member, and one for the task that waits for them. */
export function drawMembers(list, members, last) {
  const boxes = [...members, { state: last }];
  while (list.children.length > boxes.length) list.lastElementChild.remove();
  while (list.children.length < boxes.length) list.append(document.createElement('li'));
  for (const [index, { state }] of boxes.entries()) {
    const box = list.children[index];
    const name = index < members.length ? `Part ${index + 1}` : 'Sum';
    box.dataset.state = state;
    box.title = `${name}: ${state}`;
    box.textContent = index < members.length ? String(index + 1) : 'Σ';
  }
  const done = members.filter(({ state }) => state === 'SUCCESS').length;
  list.setAttribute('aria-label', `${done} of ${members.length} parts counted`);
}

/** How far all members together are, from 0 to 1. */
export function fractionOfMembers(members) {
  const parts = members.map(({ state, progress }) => {
    if (state === 'SUCCESS') return 1;
    const fraction = progress?.current / progress?.total;
    return Number.isFinite(fraction) ? Math.min(Math.max(fraction, 0), 1) : 0;
  });
  return parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length);
}
