import { chain, chord, group, type GroupResult, InjectTasks, TaskClient, type Tasks } from '@lovage/nestjs';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Param,
  ParseUUIDPipe,
  Post,
  Res,
} from '@nestjs/common';
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
import { MathTasks } from '../math/math.tasks.js';
import { GroupView, groupView } from './group-view.js';
import { NumbersDto, PairsDto } from './terms.dto.js';

@ApiTags('workflows')
@Controller('workflows')
export class WorkflowsController {
  constructor(
    @InjectTasks(MathTasks) private readonly math: Tasks<MathTasks>,
    private readonly client: TaskClient,
  ) {}

  @Post('chain')
  @ApiOperation({ summary: 'Add numbers one after the other: each task takes the sum of the one before it' })
  @ApiAcceptedResponse({ type: AcceptedTask, description: 'The id is that of the last task.' })
  @ApiBadRequestResponse({ description: 'There are not 2 to 20 numbers.' })
  async chain(@Body() { numbers }: NumbersDto, @Res({ passthrough: true }) response: Response) {
    const [x = 0, y = 0, ...others] = numbers;
    const { add } = this.math;
    // The compiler knows that each step takes a number and gives one.
    const sum = others.reduce((steps, number) => steps.pipe(add.s(number)), chain(add.s(x, y)));
    return accepted(response, await sum.delay());
  }

  @Post('group')
  @ApiOperation({ summary: 'Add pairs of numbers side by side, a task for each pair' })
  @ApiAcceptedResponse({
    type: AcceptedTask,
    description: 'Ask for the group at GET /workflows/groups/{id}.',
  })
  @ApiBadRequestResponse({ description: 'There are not 1 to 20 pairs of numbers.' })
  async group(@Body() { pairs }: PairsDto, @Res({ passthrough: true }) response: Response) {
    const result = await group(pairs.map(({ x, y }) => this.math.add.s(x, y))).delay();
    // Kept in the result store: whoever asks for it next may be asking another process.
    await result.save();
    response.status(HttpStatus.ACCEPTED).location(`/workflows/groups/${encodeURIComponent(result.id)}`);
    return { id: result.id };
  }

  @Post('chord')
  @ApiOperation({ summary: 'Add pairs of numbers side by side, and then their sums in one more task' })
  @ApiAcceptedResponse({ type: AcceptedTask, description: 'The id is that of the last task.' })
  @ApiBadRequestResponse({ description: 'There are not 1 to 20 pairs of numbers.' })
  async chord(@Body() { pairs }: PairsDto, @Res({ passthrough: true }) response: Response) {
    const sums = pairs.map(({ x, y }) => this.math.add.s(x, y));
    return accepted(response, await chord(sums, this.math.sum.s()).delay());
  }

  @Delete('groups/:id')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({ summary: 'Revoke the tasks of a group, also those that run' })
  @ApiAcceptedResponse({ description: 'Those that are over already stay as they are.' })
  @ApiNotFoundResponse({ description: 'No group was submitted under this id, or it has expired.' })
  async revokeGroup(@Param('id', ParseUUIDPipe) id: string): Promise<void> {
    await (await this.find(id)).revoke({ terminate: true });
  }

  @Get('groups/:id')
  @ApiOperation({ summary: 'What became of a group' })
  @ApiOkResponse({ type: GroupView })
  @ApiNotFoundResponse({ description: 'No group was submitted under this id, or it has expired.' })
  async groupById(@Param('id', ParseUUIDPipe) id: string): Promise<GroupView> {
    return await groupView(await this.find(id));
  }

  private async find(id: string): Promise<GroupResult> {
    const found = await this.client.restoreGroup(id);
    if (found === undefined) throw new NotFoundException([`there is no group ${id}`]);
    return found;
  }
}
