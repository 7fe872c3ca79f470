import { ApiProperty } from '@nestjs/swagger';
import { AcceptedTask } from '../http/accepted-task.js';

/** What is answered to whoever has uploaded a file. */
export class AcceptedCount extends AcceptedTask {
  @ApiProperty({
    format: 'uuid',
    description: 'Ask for the parts of the file at GET /workflows/groups/{group}.',
  })
  readonly group!: string;
}
