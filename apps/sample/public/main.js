import { readHostname, submitTask, uploadFile } from './api.js';
import { startSchedules } from './schedules.js';
import { TaskTable } from './task-table.js';

const largestFileBytes = 50 * 1024 * 1024;
const table = new TaskTable();
startSchedules();

/**
 * Runs what a form does, one click after the other, and shows in the form what goes wrong. An action that has submitted a task
 * gives it: { id, label }.
 */
function onSubmit(form, action, { oneAtATime = false } = {}) {
  const problem = form.querySelector('.problem');
  const sent = form.querySelector('.sent');
  let before = Promise.resolve();
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (oneAtATime && form.ariaBusy === 'true') return;
    const fields = new FormData(form);
    const { submitter } = event;
    before = before.then(() => run(fields, submitter));
  });
  async function run(fields, button) {
    form.ariaBusy = 'true';
    problem.textContent = '';
    sent.hidden = true;
    try {
      const task = await action(fields, button);
      if (task === undefined) return;
      table.add(task);
      sent.hidden = false;
    } catch (error) {
      problem.textContent = error.message;
    } finally {
      form.ariaBusy = 'false';
    }
  }
}

const signs = { add: '+', mul: '×', divide: '÷' };

onSubmit(document.getElementById('math'), async (fields, button) => {
  const operation = button?.value ?? 'add';
  const x = Number(fields.get('x'));
  const y = operation === 'divide' ? 0 : Number(fields.get('y'));
  const id = await submitTask(`math/${operation}`, { x, y });
  return { id, label: `${x} ${signs[operation]} ${y}` };
});

onSubmit(document.getElementById('primes'), async (fields) => {
  const below = Number(fields.get('below'));
  const id = await submitTask('math/primes', { below });
  return { id, label: `primes below ${below.toLocaleString('en')}` };
});

const fileInput = document.getElementById('file');
const dropZone = fileInput.closest('.drop');
const uploadProgress = document.getElementById('upload-progress');

async function submitFile() {
  const [file] = fileInput.files;
  if (file.size > largestFileBytes) throw new Error(`${file.name} is larger than 50 MB.`);
  uploadProgress.hidden = false;
  uploadProgress.value = 0;
  try {
    const { id, group } = await uploadFile(file, (fraction) => {
      uploadProgress.value = fraction;
    });
    return { id, group, label: `words of ${file.name}`.slice(0, 200) };
  } finally {
    uploadProgress.hidden = true;
  }
}

// Who clicks again while a file is on its way does not mean to send it twice.
onSubmit(document.getElementById('words'), submitFile, { oneAtATime: true });

for (const name of ['dragenter', 'dragover']) {
  dropZone.addEventListener(name, () => dropZone.classList.add('over'));
}
for (const name of ['dragleave', 'drop']) {
  dropZone.addEventListener(name, () => dropZone.classList.remove('over'));
}
dropZone.addEventListener('drop', ({ dataTransfer }) => {
  if (dataTransfer.files.length > 0) fileInput.files = dataTransfer.files;
});
// A file that is dropped beside the zone would replace the page.
for (const name of ['dragover', 'drop']) {
  addEventListener(name, (event) => event.preventDefault());
}

const hostForm = document.getElementById('host');
const fetchButton = hostForm.querySelector('[value=fetch]');
let hostTask;

onSubmit(hostForm, async (_fields, button) => {
  const answer = hostForm.querySelector('output');
  answer.textContent = '';
  switch (button?.value ?? 'wait') {
    case 'wait': {
      answer.textContent = 'Waiting…';
      try {
        answer.textContent = (await readHostname({})).hostname;
      } catch (error) {
        answer.textContent = '';
        throw error;
      }
      break;
    }
    case 'submit': {
      const { id } = await readHostname({ async: 1 });
      hostTask = id;
      fetchButton.disabled = false;
      return { id, label: 'name of the host' };
    }
    case 'fetch': {
      const { message, result, error } = await readHostname({ task_id: hostTask });
      answer.textContent = message ?? error?.message ?? result.hostname;
      break;
    }
  }
  return undefined;
});
