/** Result documents as Python Celery 5.2 has put them into Redis. */
export const pythonDocuments = {
  success:
    '{"status": "SUCCESS", "result": 5, "traceback": null, "children": [], "date_done": "2026-11-20T21:58:04.332661", "task_id": "00000000-0000-4000-8000-000000000001"}',
  started:
    '{"status": "STARTED", "result": {"pid": 17832, "hostname": "w1@example.com"}, "traceback": null, "children": [], "date_done": null, "task_id": "00000000-0000-4000-8000-000000000001"}',
  revoked:
    '{"status": "REVOKED", "result": {"exc_type": "TaskRevokedError", "exc_message": ["revoked"], "exc_module": "celery.exceptions"}, "traceback": null, "children": [], "date_done": "2026-11-20T22:03:56.078502", "task_id": "00000000-0000-4000-8000-000000000001"}',
  /** With `result_serializer='msgpack'`. */
  msgpackSuccess: Buffer.from(
    'hqZzdGF0dXOnU1VDQ0VTU6ZyZXN1bHQFqXRyYWNlYmFja8CoY2hpbGRyZW6QqWRhdGVfZG9uZboyMDI2LTExLTIwVDIyOjAzOjI5Ljk4NjU4Mad0YXNrX2lk2SQwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDE=',
    'base64',
  ),
  /** With `result_serializer='yaml'`: keys in order of the alphabet; the result has a key and lines of the same name. */
  yamlSuccess: `children: []
date_done: '2026-11-20T22:03:55.850698'
result:
  b: 'a

    status: FAILURE'
  status: 'x

    status: FAILURE

    '
status: SUCCESS
task_id: 00000000-0000-4000-8000-000000000001
traceback: null
`,
} as const;

/** The id in all of them. */
export const pythonTaskId = '00000000-0000-4000-8000-000000000001';
