import type { TaskView } from '@lovage/nestjs';
import { waitFor } from '@lovage/services';

/** GET /tasks/:id until the task is over, with the long poll. */
export async function finishedTask(url: string, id: string): Promise<TaskView> {
  return await waitFor(
    async () => {
      const view = await readTask(url, id, '?wait=10s');
      return view.ready ? view : undefined;
    },
    { withinMs: 60_000, what: `task ${id} is over` },
  );
}

export async function readTask(url: string, id: string, query = ''): Promise<TaskView> {
  const response = await fetch(`${url}/tasks/${id}${query}`);
  if (!response.ok) throw new Error(`GET /tasks/${id}${query}: ${response.status} ${await response.text()}`);
  return (await response.json()) as TaskView;
}
