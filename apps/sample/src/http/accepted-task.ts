import { HttpStatus } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { Response } from 'express';

/** What is answered to whoever submits a task. */
export class AcceptedTask {
  @ApiProperty({ format: 'uuid', description: 'Ask for the task at GET /tasks/{id}.' })
  readonly id!: string;
}

/** Answers 202 Accepted: the work is queued, not done. `Location` says where to ask for it. */
export function accepted(response: Response, { id }: { readonly id: string }): AcceptedTask {
  response.status(HttpStatus.ACCEPTED).location(`/tasks/${encodeURIComponent(id)}`);
  return { id };
}
