import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';

export class HostnameQuery {
  @ApiPropertyOptional({
    enum: ['1', '0'],
    description: '1: look it up in a task and answer its id at once.',
  })
  @IsOptional()
  @IsIn(['1', '0'], { message: 'async must be 1 or 0' })
  readonly async?: '1' | '0';

  @ApiPropertyOptional({ format: 'uuid', description: 'Id of such a task: answers its result.' })
  @IsOptional()
  @IsUUID(undefined, { message: 'task_id must be the id (a UUID) that ?async=1 has answered' })
  readonly task_id?: string;
}
