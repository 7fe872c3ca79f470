import { resultParts } from './result-text.js';
import { drawMembers, fractionOfMembers } from './workflow-picture.js';

const template = document.getElementById('row');

/** One task in the table. Everything that comes from outside is set as text and never as HTML. */
export class TaskRow {
  constructor({ id, label, group }, onAction) {
    this.id = id;
    /** Of a workflow: the tasks for whose end this one waits. */
    this.group = group;
    this.members = [];
    this.label = label;
    this.ready = false;
    this.revoking = false;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.find('.label').textContent = label;
    this.find('.id').textContent = id;
    this.find('progress').setAttribute('aria-label', `Progress of ${label}`);
    this.find('button').addEventListener('click', () => onAction(this));
    this.show({ state: 'PENDING', ready: false });
  }

  /** Shows the task as GET /tasks/:id answers it. */
  show({ state, ready, progress, result, error }) {
    this.ready = ready;
    const badge = this.find('.badge');
    badge.textContent = state;
    badge.dataset.state = state;
    this.view = { state, ready, progress };
    this.showProgress(state, ready, progress);
    this.showPicture();
    if (error !== undefined && error !== null) this.showResult(`${error.type}: ${error.message}`, 'error');
    else if (ready && state === 'SUCCESS') this.showResult(...resultParts(result));
    else this.showResult('');
    if (ready) this.showAction('Remove');
    else if (!this.revoking) this.showAction('Revoke');
  }

  /** Shows the tasks of its group. */
  showMembers(members) {
    this.members = members;
    const { state, ready, progress } = this.view;
    this.showProgress(state, ready, progress);
    this.showPicture();
  }

  showPicture() {
    const list = this.find('.picture');
    list.hidden = this.members.length === 0;
    if (!list.hidden) drawMembers(list, this.members, this.view.state);
  }

  showRevoking(revoking) {
    this.revoking = revoking;
    this.showAction(revoking ? 'Revoking' : 'Revoke', revoking);
  }

  /** The server does not know the id. */
  showUnknown() {
    this.show({ state: 'UNKNOWN', ready: true });
    this.showResult(
      'The server does not know this task any more: it was started anew, or the result has expired.',
    );
  }

  /** Something that matters until the next news. */
  showNote(text) {
    this.showResult(text, 'note');
  }

  /** For those who do not see the table. */
  get summary() {
    return `${this.label}: ${this.find('.badge').textContent}. ${this.find('.result').firstChild?.textContent ?? ''}`;
  }

  showProgress(state, ready, progress) {
    const bar = this.find('progress');
    const percent = this.find('.percent');
    const fraction = ready ? Number(state === 'SUCCESS') : this.fraction(progress);
    bar.dataset.state = state;
    if (fraction === undefined) bar.removeAttribute('value');
    else bar.value = fraction;
    percent.textContent =
      fraction === undefined || (ready && fraction === 0) ? '' : `${Math.floor(fraction * 100)} %`;
  }

  fraction(progress) {
    return this.members.length > 0 ? fractionOfMembers(this.members) : fractionOf(progress);
  }

  showResult(text, kind = 'value', list = []) {
    const cell = this.find('.result');
    cell.dataset.kind = kind;
    cell.textContent = text;
    if (list.length === 0) return;
    const items = document.createElement('ol');
    for (const itemText of list) {
      const item = document.createElement('li');
      item.textContent = itemText;
      items.append(item);
    }
    cell.append(items);
  }

  showAction(action, idle = false) {
    const button = this.find('button');
    // A button that is disabled loses the focus, and who uses the keyboard would begin at the top of the page again.
    button.ariaDisabled = String(idle);
    button.textContent = action;
    button.setAttribute('aria-label', `${action} ${this.label}`);
  }

  find(selector) {
    return this.element.querySelector(selector);
  }
}

/** Of what a task has told of its progress: { current, total }. `undefined`: it has told nothing. */
function fractionOf(progress) {
  const fraction = progress?.current / progress?.total;
  return Number.isFinite(fraction) ? Math.min(Math.max(fraction, 0), 1) : undefined;
}
