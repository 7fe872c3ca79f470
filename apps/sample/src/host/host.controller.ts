import { InjectTasks, TaskClient, type Tasks } from '@lovage/nestjs';
import { BadRequestException, Controller, Get, NotFoundException, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { AcceptedTask, accepted } from '../http/accepted-task.js';
import { type HostName, HostTasks } from './host.tasks.js';
import { HostnameQuery } from './hostname.query.js';

/** One endpoint, three ways to ask: wait for the answer, submit the question, fetch the answer. */
@ApiTags('host')
@Controller('host')
export class HostController {
  constructor(
    private readonly host: HostTasks,
    @InjectTasks(HostTasks) private readonly tasks: Tasks<HostTasks>,
    private readonly client: TaskClient,
  ) {}

  @Get('hostname')
  @ApiOperation({
    summary: 'The name of the host: at once, in a task (async=1), or of such a task (task_id)',
  })
  @ApiOkResponse({ description: 'The name; or, with task_id, what became of the task.' })
  @ApiAcceptedResponse({ type: AcceptedTask, description: 'With async=1.' })
  @ApiBadRequestResponse({ description: 'A parameter is unknown, malformed, or contradicts another.' })
  @ApiNotFoundResponse({ description: 'No task has this task_id.' })
  async hostname(@Query() query: HostnameQuery, @Res({ passthrough: true }) response: Response) {
    if (query.async !== undefined && query.task_id !== undefined) {
      throw new BadRequestException(['give either async or task_id, not both']);
    }
    if (query.task_id !== undefined) return await this.answerOf(query.task_id);
    if (query.async === '1') return accepted(response, await this.tasks.hostname.delay());
    return await this.host.hostname();
  }

  private async answerOf(id: string) {
    const { known, ready, state, result, error } = await this.client.result<HostName>(id).snapshot();
    if (!known)
      throw new NotFoundException(`no task has the id ${id}: it was never sent, or its result has expired`);
    if (!ready) return { id, state, message: 'not finished yet' };
    if (error !== undefined) return { id, state, error: { type: error.type, message: error.message } };
    return { id, state, result };
  }
}
