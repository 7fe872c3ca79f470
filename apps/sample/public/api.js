/** What the server does not accept, or that it does not answer. `status` is 0 when it does not answer. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Submits a task with a JSON body. Resolves to its id. */
export async function submitTask(path, body) {
  const { id } = await request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return id;
}

/** What is known of a task: { id, state, ready, result | error | progress }. */
export async function readTask(id) {
  return await request(taskPath(id));
}

/** Revokes a task, also when it runs already. */
export async function revokeTask(id) {
  await request(`${taskPath(id)}?terminate=true`, { method: 'DELETE' });
}

/** What is known of a group: { members: [{ id, state, progress }], ready }. */
export async function readGroup(id) {
  return await request(groupPath(id));
}

/** Revokes all tasks of a group, also those that run. */
export async function revokeGroup(id) {
  await request(groupPath(id), { method: 'DELETE' });
}

function groupPath(id) {
  return `workflows/groups/${encodeURIComponent(id)}`;
}

export async function readHostname(parameters) {
  return await request(`host/hostname?${new URLSearchParams(parameters)}`);
}

/** All schedules, with their next and last run. */
export async function readSchedules() {
  return await request('schedules');
}

/** Lets a schedule `pause`, `resume` or `run`. */
export async function changeSchedule(name, action) {
  await request(`schedules/${encodeURIComponent(name)}/${action}`, { method: 'POST' });
}

export function taskPath(id) {
  return `tasks/${encodeURIComponent(id)}`;
}

/**
 * Uploads a file to be counted. Resolves to { id, group }: of the task that ends with the
 * count, and of the tasks that count the parts. Only XMLHttpRequest tells how much has been sent, as a
 * fraction from 0 to 1.
 */
export async function uploadFile(file, onProgress) {
  const form = new FormData();
  form.append('file', file);
  const { status, text } = await new Promise((resolve) => {
    const upload = new XMLHttpRequest();
    upload.open('POST', 'words');
    upload.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded / total));
    upload.addEventListener('loadend', () => resolve({ status: upload.status, text: upload.responseText }));
    upload.send(form);
  });
  return answerOf(status, text);
}

async function request(path, options) {
  let response;
  let text;
  try {
    response = await fetch(path, { cache: 'no-store', ...options });
    text = await response.text();
  } catch {
    throw new ApiError('The server does not answer.', 0);
  }
  return answerOf(response.status, text);
}

function answerOf(status, text) {
  if (status === 0) throw new ApiError('The server does not answer.', 0);
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ApiError(`The server gave an answer that is not understood (status ${status}).`, status);
  }
  if (status < 400) return body;
  const messages = [body?.message ?? `The server refused it (status ${status}).`].flat().map(String);
  throw new ApiError(messages.join('. '), status);
}
