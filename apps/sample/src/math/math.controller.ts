import { InjectTasks, type Tasks } from '@lovage/nestjs';
import { Body, Controller, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBadRequestResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AcceptedTask, accepted } from '../http/accepted-task.js';
import { MathTasks } from './math.tasks.js';
import { OperandsDto } from './operands.dto.js';
import { PrimesDto } from './primes.dto.js';

@ApiTags('math')
@ApiAcceptedResponse({ type: AcceptedTask })
@ApiBadRequestResponse({ description: 'A number is missing, or is none.' })
@Controller('math')
export class MathController {
  constructor(@InjectTasks(MathTasks) private readonly math: Tasks<MathTasks>) {}

  @Post('add')
  @ApiOperation({ summary: 'Add two numbers in a task' })
  async add(@Body() { x, y }: OperandsDto, @Res({ passthrough: true }) response: Response) {
    // `delay` has the types of the method: (x: number, y: number) => Promise<TaskResult<number>>.
    return accepted(response, await this.math.add.delay(x, y));
  }

  @Post('mul')
  @ApiOperation({ summary: 'Multiply two numbers in a slow task that reports its progress' })
  async mul(@Body() { x, y }: OperandsDto, @Res({ passthrough: true }) response: Response) {
    return accepted(response, await this.math.mul.delay(x, y));
  }

  @Post('divide')
  @ApiOperation({ summary: 'Divide two numbers in a task; with y = 0 the task fails' })
  async divide(@Body() { x, y }: OperandsDto, @Res({ passthrough: true }) response: Response) {
    return accepted(response, await this.math.divide.delay(x, y));
  }

  @Post('primes')
  @ApiOperation({ summary: 'Count the primes below a number in a task that does nothing but compute' })
  async primes(@Body() { below }: PrimesDto, @Res({ passthrough: true }) response: Response) {
    return accepted(response, await this.math.primes.delay(below));
  }
}
