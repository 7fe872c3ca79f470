/** Remembers which tasks were submitted, and how they are followed, across reloads of the page. */

const tasksKey = 'lovage.sample.tasks';
const followKey = 'lovage.sample.follow';
const mostTasks = 30;

/** Newest first: { id, label }, and of workflows { group }. Whatever else is stored under our name is passed over. */
export function rememberedTasks() {
  const stored = read(tasksKey);
  if (!Array.isArray(stored)) return [];
  const tasks = new Map(stored.map((task) => [task?.id, task]));
  return [...tasks.values()]
    .filter((task) => isText(task?.id) && isText(task.label))
    .map(({ id, label, group }) => ({ id, label, ...(isText(group) && { group }) }))
    .slice(0, mostTasks);
}

/** Stores the tasks, newest first, and gives those for which there is room. */
export function rememberTasks(tasks) {
  const kept = tasks.slice(0, mostTasks);
  write(
    tasksKey,
    kept.map(({ id, label, group }) => ({ id, label, group })),
  );
  return kept;
}

/** 'polling' or 'events'. */
export function rememberedFollow() {
  return read(followKey) === 'events' ? 'events' : 'polling';
}

export function rememberFollow(follow) {
  write(followKey, follow);
}

function isText(value) {
  return typeof value === 'string' && value !== '' && value.length <= 300;
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return undefined;
  }
}

/** Storage can be full or forbidden; then the page works without. */
function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Nothing is remembered.
  }
}
