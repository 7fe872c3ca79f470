import { changeSchedule, readSchedules } from './api.js';

const refreshMs = 1000;
const template = document.getElementById('schedule');

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const timeOf = (text) => (text === null ? '–' : clock.format(new Date(text)));

/** What makes a schedule due, in few words. */
function rule({ schedule }) {
  switch (schedule.kind) {
    case 'every':
      return `every ${schedule.seconds} s`;
    case 'crontab': {
      const { minute, hour, dayOfMonth, monthOfYear, dayOfWeek } = schedule;
      return [minute, hour, dayOfMonth, monthOfYear, dayOfWeek].join(' ');
    }
    case 'cron':
      return schedule.expression;
    default:
      return schedule.kind;
  }
}

/** The list of schedules, asked for again and again while it is open. */
class ScheduleList {
  items = new Map();
  timer = undefined;

  constructor() {
    this.panel = document.getElementById('schedules');
    this.list = document.getElementById('schedule-list');
    this.problem = this.panel.querySelector('.problem');
    this.panel.addEventListener('toggle', () => void this.refresh());
  }

  async refresh() {
    clearTimeout(this.timer);
    if (!this.panel.open) return;
    try {
      this.show(await readSchedules());
      this.problem.textContent = '';
    } catch (error) {
      this.problem.textContent = error.message;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), refreshMs);
  }

  show(schedules) {
    const names = new Set(schedules.map(({ name }) => name));
    for (const [name, item] of this.items) {
      if (names.has(name)) continue;
      item.remove();
      this.items.delete(name);
    }
    for (const schedule of schedules) this.showOne(schedule);
  }

  showOne(schedule) {
    const { name, paused, nextRunAt, lastRunAt, totalRunCount, problem } = schedule;
    let item = this.items.get(name);
    if (item === undefined) {
      item = template.content.firstElementChild.cloneNode(true);
      item.querySelector('.label').textContent = name;
      item.querySelector('.run').addEventListener('click', () => void this.act(name, 'run'));
      item
        .querySelector('.pause')
        .addEventListener(
          'click',
          () => void this.act(name, item.dataset.paused === 'true' ? 'resume' : 'pause'),
        );
      this.items.set(name, item);
      this.list.append(item);
    }
    item.dataset.paused = String(paused);
    item.querySelector('.rule').textContent = rule(schedule);
    item.querySelector('.next').textContent = paused ? 'paused' : timeOf(nextRunAt);
    item.querySelector('.last').textContent = timeOf(lastRunAt);
    item.querySelector('.count').textContent = String(totalRunCount);
    item.querySelector('.trouble').textContent = problem ?? '';
    const pause = item.querySelector('.pause');
    pause.textContent = paused ? 'Resume' : 'Pause';
    pause.setAttribute('aria-label', `${pause.textContent}: ${name}`);
    item.querySelector('.run').setAttribute('aria-label', `Run now: ${name}`);
  }

  async act(name, action) {
    try {
      await changeSchedule(name, action);
      await this.refresh();
    } catch (error) {
      this.problem.textContent = error.message;
    }
  }
}

/** Begins with the page. */
export function startSchedules() {
  return new ScheduleList();
}
