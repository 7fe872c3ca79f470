import { revokeGroup, revokeTask } from './api.js';
import { followByEvents, followByPolling } from './followers.js';
import { rememberedFollow, rememberedTasks, rememberFollow, rememberTasks } from './task-memory.js';
import { TaskRow } from './task-row.js';
import { followGroup } from './workflow-picture.js';

const followers = { polling: followByPolling, events: followByEvents };

/** The tasks that were submitted here, newest first, each followed until it is over. */
export class TaskTable {
  /** Newest first. */
  rows = [];
  /** What ends the following of a row. */
  stops = new Map();
  /** What ends the following of the group of a row. */
  pictures = new Map();

  constructor() {
    this.body = document.getElementById('rows');
    this.empty = document.getElementById('empty');
    this.clear = document.getElementById('clear');
    this.news = document.getElementById('news');
    this.switch = document.getElementById('follow');

    this.follow = rememberedFollow();
    this.switch.querySelector(`[value=${this.follow}]`).checked = true;
    this.switch.addEventListener('change', ({ target }) => this.followBy(target.value));
    this.clear.addEventListener('click', () => this.remove((row) => row.ready));
    for (const task of rememberedTasks().toReversed()) this.insert(task);
    this.update();
  }

  /** Adds a task that was just submitted: { id, label }. */
  add(task) {
    this.insert(task);
    this.update();
    this.news.textContent = `${task.label}: submitted`;
  }

  insert(task) {
    const row = new TaskRow(task, () => void this.act(row));
    this.rows.unshift(row);
    this.body.prepend(row.element);
    this.start(row);
    this.followGroupOf(row);
  }

  /** Until all its members are over, also when the row has failed before. */
  followGroupOf(row) {
    if (row.group === undefined) return;
    this.pictures.set(
      row,
      followGroup(row.group, (members) => row.showMembers(members)),
    );
  }

  start(row) {
    const listener = {
      changed: (view) => {
        row.show(view);
        if (view.ready) this.end(row);
      },
      unknown: () => {
        row.showUnknown();
        this.end(row);
      },
      trouble: (message) => row.showNote(message),
    };
    this.stops.set(row, followers[this.follow](row.id, listener));
  }

  end(row) {
    this.stop(row);
    this.update();
    this.news.textContent = row.summary;
  }

  stop(row) {
    this.stops.get(row)?.();
    this.stops.delete(row);
  }

  /** Goes over to the other way of following. */
  followBy(follow) {
    this.follow = follow;
    rememberFollow(follow);
    const followed = [...this.stops.keys()];
    for (const row of followed) this.stop(row);
    for (const row of followed) this.start(row);
  }

  /** The button of a row: revokes a task that is not over, removes one that is. */
  async act(row) {
    if (row.ready) {
      this.remove((other) => other === row);
      return;
    }
    if (row.revoking) return;
    row.showRevoking(true);
    try {
      if (row.group !== undefined) await revokeGroup(row.group);
      await revokeTask(row.id);
    } catch (error) {
      row.showRevoking(false);
      row.showNote(error.message);
    }
  }

  /** Takes rows away; the focus would be lost with the button that asked for it. */
  remove(isGone) {
    this.keep((row) => !isGone(row));
    this.body.closest('section').focus();
  }

  keep(isKept) {
    const removed = this.rows.filter((row) => !isKept(row));
    for (const row of removed) {
      this.stop(row);
      this.pictures.get(row)?.();
      this.pictures.delete(row);
      row.element.remove();
    }
    this.rows = this.rows.filter(isKept);
    this.update();
  }

  update() {
    const remembered = new Set(rememberTasks(this.rows).map(({ id }) => id));
    if (remembered.size < this.rows.length) this.keep(({ id }) => remembered.has(id));
    this.empty.hidden = this.rows.length > 0;
    this.body.closest('table').hidden = this.rows.length === 0;
    this.clear.disabled = !this.rows.some(({ ready }) => ready);
  }
}
